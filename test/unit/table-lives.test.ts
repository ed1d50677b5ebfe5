/** A parameter that is deleted and made anew between two readings, and a history that may not be read. */
import type { UnreadableParameter } from '../../functions/proxy/routes/parameters.ts';
import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';
import { functionUri } from '../support/documents.ts';
import { createTableRig, invalidLines, root, routeIdFor } from '../support/table-rig.ts';

const name = `${root}/routes/a`;
const document = (uri: string, plugins: object = {}) => ({
  uri,
  plugins: { ...plugins, 'aws-lambda': { function_uri: functionUri } },
});
const broken = (uri: string, plugins: object = {}) => ({ ...document(uri, plugins), prioritty: 1 });
const refusal = new AwsServiceError('AccessDeniedException', 400, 'no');

describe('a parameter that was deleted and made anew inherits no version of its former life', () => {
  test.each<[what: string, former: readonly unknown[], anew: readonly unknown[], now: string]>([
    ['malformed at the version that was in force', ['/old'], ['{'], 'NO_ROUTE'],
    ['malformed at the version after it', ['/old'], ['[', '{'], 'NO_ROUTE'],
    ['malformed at a much later version', ['/old'], ['[', '{', '[', '{'], 'NO_ROUTE'],
    ['malformed after a version of its own', ['/old'], ['/new', '{'], 'a'],
    ['malformed as it was, after another version', ['/old', '{'], ['/new', '{'], 'a'],
    ['malformed as it was, after a malformed version', ['/old', '{'], ['[', '{'], 'NO_ROUTE'],
  ])('%s', async (_, former, anew, now) => {
    const { store, load, createLoad } = createTableRig();
    const put = (value: unknown) =>
      store.put(name, String(value).startsWith('/') ? document(String(value)) : value);
    former.forEach(put);
    const first = await load(undefined);
    store.remove(name);
    anew.forEach(put);
    const warm = await load(first);
    const fresh = await createLoad()(undefined);

    expect(routeIdFor(first, '/old')).toBe('a');
    for (const table of [warm, fresh]) {
      expect([routeIdFor(table, '/old'), routeIdFor(table, '/new')]).toEqual(['NO_ROUTE', now]);
    }
    expect(warm.version).toBe(fresh.version);
  });

  test('the same text at the same version is a version of both', async () => {
    const { store, load } = createTableRig();
    store.put(name, document('/old'));
    const first = await load(undefined);
    store.remove(name);
    store.put(name, document('/old'));
    store.put(name, '{');

    expect(routeIdFor(await load(first), '/old')).toBe('a');
  });
});

test.each<[what: string, modifiedMs: number, now: string]>([
  ['that was made anew has nothing of its former life', 2000, 'NO_ROUTE'],
  ['whose key is withdrawn keeps what is in force', 1000, 'a'],
])('a sealed parameter %s', async (_, modifiedMs, now) => {
  const { store, createLoad } = createTableRig();
  let sealed: UnreadableParameter | undefined;
  const readPlain = store.readTree.bind(store);
  store.readTree = async (path, onUnreadable) => {
    if (sealed) onUnreadable?.(sealed);
    const all = await readPlain(path);
    return sealed ? [] : all.map((parameter) => ({ ...parameter, modifiedMs: 1000 }));
  };
  const load = createLoad();
  store.put(name, document('/old'));
  const first = await load(undefined);
  sealed = { name, version: 1, modifiedMs };

  expect(routeIdFor(await load(first), '/old')).toBe(now);
});

/** What Parameter Store answers if the parameter is deleted after the tree was read, or its creation is not known everywhere yet. */
test('a malformed document that is deleted before its history is read leaves the last version in force until the next reading', async () => {
  const { store, load } = createTableRig();
  store.put(name, document('/a'));
  const first = await load(undefined);
  store.put(name, '{');
  store.failHistory(new AwsServiceError('ParameterNotFound', 400, `Parameter ${name} not found.`));
  const second = await load(first);
  store.remove(name);
  const third = await load(second);

  const available = second.documents.get(name)?.routes.map(({ isAvailable }) => isAvailable);
  expect(available).toEqual([true]);
  expect([second, third].map((table) => routeIdFor(table, '/a'))).toEqual(['a', 'NO_ROUTE']);
});

describe('a history that may not be read', () => {
  const readStatus = async (
    table: Awaited<ReturnType<ReturnType<typeof createTableRig>['load']>>,
  ) => table.documents.get(name)?.routes.map(({ isAvailable }) => isAvailable);

  test.each<[what: string, versions: readonly unknown[]]>([
    ['has a guarded version in it', [broken('/a', { 'key-auth': {} }), '{']],
    ['ends in a version that is read whole', [broken('/a', { 'key-auth': {} }), broken('/a')]],
  ])('and %s puts no open version in force', async (_, versions) => {
    const { store, load, log } = createTableRig();
    store.put(name, document('/a'));
    const first = await load(undefined);
    for (const value of versions) store.put(name, value);
    store.failHistory(refusal);
    const second = await load(first);

    expect(routeIdFor(second, '/a')).toBe('a');
    expect(await readStatus(second)).not.toContain(true);
    expect(invalidLines(log).at(-1)?.message).toBe(
      'a document is invalid; its older versions cannot be read: route a answers 503',
    );
  });

  test('and a version that was withheld before stays so, for any later version', async () => {
    const { store, load } = createTableRig();
    store.put(name, document('/a'));
    let table = await load(undefined);
    for (const [first, second] of [
      [broken('/a', { 'key-auth': {} }), '{'],
      ['[', '{'],
    ]) {
      store.put(name, first);
      store.failHistory(refusal);
      table = await load(table);
      store.put(name, second);
      table = await load(table);
      expect(await readStatus(table)).not.toContain(true);
    }
    store.failHistory(undefined);
    table = await load(table);
    expect(await readStatus(table)).toEqual([false]);
    store.put(name, document('/a'));
    expect(await readStatus(await load(table))).toEqual([true]);
  });

  test('for a moment keeps the access plugins that newer versions have asked for', async () => {
    const { store, load } = createTableRig();
    store.put(name, document('/a'));
    let table = await load(undefined);
    store.failHistory(new Error('throttled'));
    store.put(name, '[');
    table = await load(table);
    expect(await readStatus(table)).toEqual([true]);
    store.put(name, broken('/a', { 'key-auth': {} }));
    table = await load(table);
    expect(await readStatus(table)).toEqual([false]);
    store.put(name, '{');
    table = await load(table);
    expect(await readStatus(table)).toEqual([false]);
  });
});
