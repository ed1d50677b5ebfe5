/** What a load of the table returns beside the table: values, without any log. */
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import { createTableLoader } from '../../functions/proxy/routes/table.ts';
import type { Notice } from '../../functions/proxy/routes/tree.ts';
import { toServices } from '../support/builders.ts';
import { rules } from '../support/documents.ts';
import { createFakeParameterStore } from '../support/fake-parameter-store.ts';
import { root } from '../support/table-rig.ts';
import { broken, name, open } from '../support/versions.ts';

function createRig() {
  const store = createFakeParameterStore(root);
  const notices: Notice[] = [];
  const load = createTableLoader({
    root,
    rules,
    reader: store,
    registry: plugins,
    compile: { services: toServices(), requireAccessPlugin: false },
    readVariable: () => undefined,
    onNotice: (notice) => notices.push(notice),
  });
  return { store, notices, load };
}

test('an invalid document is a value, with the version that stands in for it', async () => {
  const { store, load } = createRig();
  store.put(name, open);
  store.put(name, broken(open));

  const { table, invalid } = await load(undefined);

  expect(invalid).toEqual([
    expect.objectContaining({ parameter: name, version: 2, fault: 'malformed', lastValid: 1 }),
  ]);
  expect(table.documents.get(name)?.version).toBe(1);
});

test('each load names all that is invalid, also what earlier loads named', async () => {
  const { store, load } = createRig();
  store.put(name, broken(open));
  const first = await load(undefined);
  store.put(`${root}/routes/b`, { ...open, uri: '/b' });

  const second = await load(first.table);

  expect(second.table.documents.size).toBe(1);
  expect(second.invalid).toEqual(first.invalid);
});

test('warnings are those of documents that the load compiled', async () => {
  const { store, load } = createRig();
  store.put(name, { ...open, upstream: { nodes: {} } });
  const first = await load(undefined);
  store.put(`${root}/routes/b`, { ...open, uri: '/b' });

  const second = await load(first.table);

  const text = 'route a: upstream is not called: aws-lambda calls an upstream of its own';
  expect(first.warnings).toEqual([{ parameter: name, version: 1, text }]);
  expect(second.warnings).toEqual([]);
});

test('a reading that found nothing new has the same table and findings, and no warnings', async () => {
  const { store, load } = createRig();
  store.put(name, { ...open, upstream: { nodes: {} } });
  store.put(`${root}/routes/b`, broken(open));
  const first = await load(undefined);

  const second = await load(first.table);

  expect(second.table).toBe(first.table);
  expect(second).toEqual({ ...first, warnings: [] });
});

test('two routes with the same place are a conflict, with winner and loser', async () => {
  const { store, load } = createRig();
  store.put(name, open);
  store.put(`${root}/routes/b`, open);

  const { conflicts } = await load(undefined);

  expect(conflicts).toEqual([
    { between: 'routes', winner: `${name}#a`, loser: `${root}/routes/b#b` },
  ]);
});

test('a parameter that nothing reads is a notice', async () => {
  const { store, notices, load } = createRig();
  store.put(`${root}/stray`, 'x');

  await load(undefined);

  expect(notices).toEqual([{ kind: 'stray-parameter', parameter: `${root}/stray` }]);
});
