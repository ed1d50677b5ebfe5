/** Loading takes long where documents are many or malformed, and requests have their turn in between. */
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import { createTableLoader } from '../../functions/proxy/routes/table.ts';
import { toServices } from '../support/builders.ts';
import { functionUri, rules } from '../support/documents.ts';
import { createFakeParameterStore } from '../support/fake-parameter-store.ts';
import { createTableRig, root } from '../support/table-rig.ts';

const document = (uri: string, more: object = {}) => ({
  uri,
  ...more,
  plugins: { 'aws-lambda': { function_uri: functionUri } },
});

/** @returns how often others had their turn */
async function countTurns(work: () => Promise<unknown>): Promise<number> {
  let [turns, isOver] = [0, false];
  const next = () => {
    turns += 1;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  await work();
  isOver = true;
  return turns;
}

test('between the versions of a history', async () => {
  const { store, load } = createTableRig();
  store.put(`${root}/routes/a`, document('/a'));
  for (let index = 0; index < 80; index += 1) {
    store.put(`${root}/routes/a`, document('/a', { prioritty: index }));
  }

  // The plugins' files are loaded first.
  await load(undefined);
  const fresh = createTableRig();
  Object.assign(fresh.store, { readTree: store.readTree, readHistory: store.readHistory });

  expect(await countTurns(() => fresh.load(undefined))).toBeGreaterThanOrEqual(80);
});

test('each time that documents have been compiled for ten milliseconds', async () => {
  const store = createFakeParameterStore(root);
  let nowMs = 0;
  // Each look at the clock is four milliseconds later.
  const services = { ...toServices(), now: () => (nowMs += 4) };
  const load = createTableLoader({
    ...{ root, rules, reader: store, registry: plugins, readVariable: () => undefined },
    compile: { services, requireAccessPlugin: false },
  });
  store.put(`${root}/routes/first`, document('/first'));
  await load(undefined);
  for (let index = 0; index < 100; index += 1) {
    store.put(`${root}/routes/r${index}`, document(`/r${index}`));
  }

  expect(await countTurns(() => load(undefined))).toBeGreaterThan(20);
});
