import { functionUri } from '../support/documents.ts';
import { createTableRig, root, routeIdFor } from '../support/table-rig.ts';

const keyed = (uri: string, apikey: string) => ({
  uri,
  plugins: { 'aws-lambda': { function_uri: functionUri, authorization: { apikey } } },
});
const plain = (uri: string) => keyed(uri, 'literal');

test('each parameter below routes/ is in the table; others are not', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(`${root}/routes/a`, plain('/a'));
  store.put(`${root}/routes/group/b`, [
    { ...plain('/b'), id: 'b1' },
    { ...plain('/c'), id: 'c1' },
  ]);
  store.put(`${root}/secrets/s`, 'no route');
  store.put(`${root}/consumers/jack`, '{}');
  store.put(`${root}/routesx`, plain('/x'));

  // Act
  const table = await load(undefined);

  // Assess
  const found = ['/a', '/b', '/c', '/x'].map((path) => routeIdFor(table, path));
  expect(found).toEqual(['a', 'b1', 'c1', 'NO_ROUTE']);
});

test('an empty tree is an empty table', async () => {
  const table = await createTableRig().load(undefined);
  expect(table.documents.size).toBe(0);
  expect(table.version).toMatch(/^[0-9a-f]{12}$/);
  expect(routeIdFor(table, '/')).toBe('NO_ROUTE');
});

test('a tree that cannot be read is an error, not an empty table', async () => {
  const { store, load } = createTableRig();
  store.fail(new Error('no network'));
  await expect(load(undefined)).rejects.toThrow('no network');
});

test('while nothing changes the table is the very same one', async () => {
  const { store, load } = createTableRig();
  store.put(`${root}/routes/a`, plain('/a'));
  const first = await load(undefined);
  expect(await load(first)).toBe(first);
});

test('documents that did not change are taken over as they are when another one changes', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(`${root}/routes/a`, plain('/a'));
  store.put(`${root}/routes/b`, plain('/b'));
  const first = await load(undefined);

  // Act
  store.put(`${root}/routes/b`, plain('/b2'));
  const second = await load(first);

  // Assess
  const routesOf = (table: typeof first) => table.documents.get(`${root}/routes/a`)?.routes;
  expect(routesOf(second)).toBe(routesOf(first));
  expect(second.version).not.toBe(first.version);
  expect(routeIdFor(second, '/b2')).toBe('b');
});

test('the version is the same for the same documents, in any order and with any parameter versions', async () => {
  // Prepare
  const first = createTableRig();
  first.store.put(`${root}/routes/a`, plain('/a'));
  first.store.put(`${root}/routes/b`, plain('/b'));
  const second = createTableRig();
  second.store.put(`${root}/routes/b`, plain('/b'));
  second.store.put(`${root}/routes/a`, plain('/old'));
  second.store.put(`${root}/routes/a`, plain('/a'));

  // Act
  const versions = [(await first.load(undefined)).version, (await second.load(undefined)).version];

  // Assess
  expect(versions[0]).toBe(versions[1]);
});

test('a changed secret makes a new version, and a secret without references does not', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(`${root}/secrets/key`, 'one');
  store.put(`${root}/secrets/other`, 'x');
  store.put(`${root}/routes/a`, keyed('/a', '$secret://ssm/key'));
  const first = await load(undefined);

  // Act
  store.put(`${root}/secrets/other`, 'y');
  const second = await load(first);
  store.put(`${root}/secrets/key`, 'two');
  const third = await load(second);

  // Assess
  expect(second.version).toBe(first.version);
  expect(third.version).not.toBe(first.version);
});

test('an absolute reference is read by its name, and a change there makes a new version', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put('/shared/key', 'one');
  store.put(`${root}/routes/a`, keyed('/a', '$secret://ssm//shared/key'));
  const first = await load(undefined);

  // Act
  store.put('/shared/key', 'two');
  const second = await load(first);

  // Assess
  expect(store.calls).toContain('named /shared/key');
  expect(second.version).not.toBe(first.version);
  expect(first.documents.get(`${root}/routes/a`)?.substituted).toEqual(['one']);
});

test('a deleted parameter takes its routes along', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(`${root}/routes/a`, plain('/a'));
  store.put(`${root}/routes/b`, plain('/b'));
  const first = await load(undefined);

  // Act
  store.remove(`${root}/routes/a`);
  const second = await load(first);

  // Assess
  expect([...second.documents.keys()]).toEqual([`${root}/routes/b`]);
  expect(routeIdFor(second, '/a')).toBe('NO_ROUTE');
});

test('the log names two routes with the same place, and the first parameter name wins', async () => {
  const { store, load, log } = createTableRig();
  store.put(`${root}/routes/b`, plain('/same'));
  store.put(`${root}/routes/a`, plain('/same'));
  const table = await load(undefined);
  expect(routeIdFor(table, '/same')).toBe('a');
  expect(log.lines).toContainEqual({
    level: 'warn',
    message: 'two routes have the same host, path and method; the first one wins',
    fields: { winner: `${root}/routes/a#a`, loser: `${root}/routes/b#b` },
  });
});

test("a document's warnings are logged once with parameter and version", async () => {
  // Prepare
  const { store, load, log } = createTableRig();
  store.put(`${root}/routes/a`, { ...plain('/a'), upstream: { nodes: {} } });

  // Act
  const first = await load(undefined);
  store.put(`${root}/routes/b`, plain('/b'));
  await load(first);

  // Assess
  expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
    {
      level: 'warn',
      message: 'route a: upstream is not called: aws-lambda calls an upstream of its own',
      fields: { parameter: `${root}/routes/a`, version: 1 },
    },
  ]);
});
