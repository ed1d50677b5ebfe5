/** If only a malformed version of a document is known, no wider route takes over its paths. */
import { functionUri } from '../support/documents.ts';
import { createTableRig, invalidLines, root, routeIdFor } from '../support/table-rig.ts';

const name = `${root}/routes/a`;
const document = (uri: string) => ({
  uri,
  plugins: { 'aws-lambda': { function_uri: functionUri } },
});

describe('while the history cannot be read, a fresh environment answers 503 for the paths of a malformed document', () => {
  const broken = { ...document('/a/*'), prioritty: 1 };
  const loadFresh = async (text: unknown, more: readonly unknown[] = [document('/v1')]) => {
    const rig = createTableRig();
    for (const version of more) rig.store.put(name, version);
    rig.store.put(name, text);
    rig.store.put(`${root}/routes/wide`, document('/*'));
    rig.store.failHistory(new Error('throttled'));
    return { ...rig, table: await rig.load(undefined) };
  };

  test.each<[what: string, text: unknown, taken: string]>([
    ['one route', broken, 'a'],
    ['a list', [{ ...broken, id: 'x' }, { uri: 7 }], 'x'],
    ['a route that is switched off', { ...broken, status: 0 }, 'wide'],
    ['a path that is wrong', { ...broken, uri: 'a/*' }, 'wide'],
    ['a host that is wrong', { ...broken, host: 'a b' }, 'wide'],
    ['another method', { ...broken, methods: ['POST'] }, 'wide'],
    ['no JSON by a comma', '{"uri":"/a/*",}', 'a'],
    ['a text that shows no path', '{"ur', 'wide'],
  ])('%s', async (_, text, taken) => {
    const { table } = await loadFresh(text);

    expect(routeIdFor(table, '/a/b')).toBe(taken);
    expect(routeIdFor(table, '/other')).toBe('wide');
    expect(table.invalidDocuments).toBe(1);
  });

  test('until it can be read, or the document is put right', async () => {
    const { table, store, load, log } = await loadFresh(broken);
    const again = await load(table);
    store.failHistory(undefined);
    const read = await load(again);
    store.put(name, document('/a/*'));
    const mended = await load(read);

    expect(routeIdFor(again, '/a/b')).toBe('a');
    expect(again.documents.get(name)?.version).toBe(0);
    expect(invalidLines(log).map(({ message }) => message)).toEqual([
      'a document is invalid; its older versions cannot be read: route a answers 503',
      'a document is invalid; version 1 stays in force',
    ]);
    expect([routeIdFor(read, '/v1'), routeIdFor(read, '/a/b')]).toEqual(['a', 'wide']);
    expect(mended.documents.get(name)?.version).toBe(3);
  });
});
