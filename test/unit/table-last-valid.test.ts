import { functionUri } from '../support/documents.ts';
import { createTableRig, invalidLines, root, routeIdFor } from '../support/table-rig.ts';

const name = `${root}/routes/a`;
const document = (uri: string, apikey = 'literal') => ({
  uri,
  plugins: { 'aws-lambda': { function_uri: functionUri, authorization: { apikey } } },
});

test.each([
  ['text that is no JSON', '{"uri": '],
  ['an empty value', ' '],
  ['an unknown field', { ...document('/v2'), prioritty: 1 }],
  [
    'an unknown field beside a reference that does not resolve',
    { ...document('/v2', '$secret://ssm/none'), prioritty: 1 },
  ],
  [
    'an unknown field of the very plugin that has one',
    {
      uri: '/v2',
      plugins: {
        'aws-lambda': {
          function_uri: functionUri,
          authorization: { apikey: '$secret://ssm/none', apikeyy: 'k' },
        },
      },
    },
  ],
  [
    'an array with one wrong route',
    [
      { ...document('/v2'), id: 'a' },
      { uri: 7, id: 'b' },
    ],
  ],
])(
  'after %s the last valid version stays in force, warm and in a fresh environment',
  async (_, broken) => {
    // Prepare
    const { store, load, createLoad, log } = createTableRig();
    store.put(name, document('/v1'));
    store.put(`${root}/routes/b`, document('/b'));
    const first = await load(undefined);

    // Act
    store.put(name, broken);
    const warm = await load(first);
    const fresh = await createLoad()(undefined);

    // Assess
    for (const table of [warm, fresh]) {
      expect([routeIdFor(table, '/v1'), routeIdFor(table, '/v2'), routeIdFor(table, '/b')]).toEqual(
        ['a', 'NO_ROUTE', 'b'],
      );
      expect(table.documents.get(name)?.version).toBe(1);
      expect(table.version).toBe(first.version);
    }
    expect(invalidLines(log)).toHaveLength(2);
    expect(invalidLines(log)[0]).toMatchObject({
      level: 'error',
      message: 'a document is invalid; version 1 stays in force',
      fields: {
        parameter: name,
        version: 2,
        fault: 'malformed',
        inForce: 1,
        lastValid: 1,
        issues: [{ pointer: expect.any(String) }],
      },
    });
  },
);

test('the newest valid version is the one that counts, not the oldest', async () => {
  const { store, load } = createTableRig();
  for (const value of [document('/v1'), document('/v2'), '{', 'null', '{']) store.put(name, value);
  const table = await load(undefined);
  expect(table.documents.get(name)?.version).toBe(2);
  expect(routeIdFor(table, '/v2')).toBe('a');
});

test('a document that never was valid takes nothing else down', async () => {
  const { store, load, log } = createTableRig();
  store.put(name, '{');
  store.put(`${root}/routes/b`, document('/b'));
  const table = await load(undefined);
  expect(routeIdFor(table, '/b')).toBe('b');
  expect(invalidLines(log)[0]).toMatchObject({
    message: 'a document is invalid; no version is in force',
    fields: { parameter: name, version: 1, inForce: null },
  });
});

test('each bad version is named once, and a new bad version again', async () => {
  // Prepare
  const { store, load, log } = createTableRig();
  store.put(name, document('/v1'));
  store.put(name, '{');
  let table = await load(undefined);

  // Act
  for (const index of [1, 2, 3]) {
    store.put(`${root}/routes/b`, document(`/b${index}`));
    table = await load(table);
  }
  const named = invalidLines(log).length;
  store.put(name, '[');
  await load(table);

  // Assess
  expect(named).toBe(1);
  expect(invalidLines(log).map(({ fields }) => fields['version'])).toEqual([2, 3]);
});

test('a mended document comes into force', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(name, document('/v1'));
  store.put(name, '{');
  const first = await load(undefined);

  // Act
  store.put(name, document('/v3'));
  const second = await load(first);

  // Assess
  expect(second.documents.get(name)?.version).toBe(3);
  expect(routeIdFor(second, '/v3')).toBe('a');
});

test('a history that cannot be read is asked for again at the next load, and said once', async () => {
  // Prepare
  const { store, load, log } = createTableRig();
  store.put(name, document('/v1'));
  store.put(name, '{');
  store.put(`${root}/routes/b`, document('/b'));
  store.failHistory(new Error('denied'));

  // Act
  const first = await load(undefined);
  const second = await load(first);
  store.failHistory(undefined);
  const third = await load(second);

  // Assess
  expect([first, second, third].map((table) => routeIdFor(table, '/v1'))).toEqual([
    'NO_ROUTE',
    'NO_ROUTE',
    'a',
  ]);
  expect(routeIdFor(first, '/b')).toBe('b');
  const warnings = log.lines.filter(({ message }) => message.startsWith('the history'));
  expect(warnings).toHaveLength(1);
});

test('a last valid version in the history may name an absolute secret that the newest text does not', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put('/shared/key', 'value');
  store.put(name, document('/v1', '$secret://ssm//shared/key'));
  store.put(name, '{"uri": ');

  // Act: a fresh environment
  const table = await load(undefined);

  // Assess
  expect(routeIdFor(table, '/v1')).toBe('a');
});

test('a rotated secret reaches a version that stays in force, as in a fresh environment', async () => {
  // Prepare
  const { store, load, createLoad } = createTableRig();
  store.put(`${root}/secrets/key`, 'old');
  store.put(name, document('/v1', '$secret://ssm/key'));
  const first = await load(undefined);
  store.put(name, '{');
  const second = await load(first);

  // Act
  store.put(`${root}/secrets/key`, 'new');
  const warm = await load(second);
  const fresh = await createLoad()(undefined);

  // Assess
  expect(warm.documents.get(name)?.substituted).toEqual(['new']);
  expect(warm.version).toBe(fresh.version);
});

test('what the log says of an invalid document holds no value of a secret', async () => {
  // Prepare
  const mark = 'MARKED-SECRET';
  const { store, load, log } = createTableRig();
  store.put(`${root}/secrets/key`, `${mark}\n`);
  store.put(name, document('/a', '$secret://ssm/key'));
  store.put(
    `${root}/routes/b`,
    `{"uri":"/b","plugins":{"aws-lambda":{"authorization":{"apikey":"${mark}"}`,
  );

  // Act
  await load(undefined);

  // Assess
  expect(invalidLines(log)).toHaveLength(2);
  expect(JSON.stringify(log.lines)).not.toContain(mark);
});

test('a valid version that was broken before anyone read it is the last valid one, warm too', async () => {
  // Prepare
  const { store, load, createLoad } = createTableRig();
  store.put(name, document('/v1'));
  const first = await load(undefined);

  // Act: two edits between two readings
  store.put(name, document('/v2'));
  store.put(name, '{');
  const warm = await load(first);
  const fresh = await createLoad()(undefined);

  // Assess
  expect([warm, fresh].map((table) => table.documents.get(name)?.version)).toEqual([2, 2]);
  expect(warm.version).toBe(fresh.version);
  expect(routeIdFor(warm, '/v2')).toBe('a');
});

test('a document of which no version was ever valid has its history read once', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(name, '[');
  store.put(name, '{');

  // Act
  let table = await load(undefined);
  for (const index of [1, 2, 3]) {
    store.put(`${root}/routes/b`, document(`/b${index}`));
    table = await load(table);
  }

  // Assess
  expect(store.calls.filter((call) => call.startsWith('history'))).toHaveLength(1);
});

test('the history is read once for a bad version, and again only if that failed', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(name, document('/v1'));
  let table = await load(undefined);
  for (const value of [document('/v2'), '{']) store.put(name, value);
  const histories = () => store.calls.filter((call) => call.startsWith('history')).length;

  // Act
  store.failHistory(new Error('throttled'));
  table = await load(table);
  const meanwhile = table.documents.get(name)?.version;
  store.failHistory(undefined);
  table = await load(table);
  for (const index of [1, 2]) {
    store.put(`${root}/routes/b`, document(`/b${index}`));
    table = await load(table);
  }

  // Assess
  expect([meanwhile, table.documents.get(name)?.version]).toEqual([1, 2]);
  expect(histories()).toBe(2);
});

test('a parameter that was deleted and written anew, broken, does not inherit the old one', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(name, document('/v1'));
  store.put(name, document('/v2'));
  const first = await load(undefined);

  // Act
  store.remove(name);
  store.put(name, '{');
  const second = await load(first);

  // Assess
  expect(routeIdFor(second, '/v2')).toBe('NO_ROUTE');
});
