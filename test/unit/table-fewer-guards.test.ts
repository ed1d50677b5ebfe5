/** No last valid version stays in force that lets in more than a newer version asks for, though that one is malformed. */
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { rejectionOf, toExchange, toRequest } from '../support/builders.ts';
import { createTableRig, invalidLines, root, routeIdFor } from '../support/table-rig.ts';
import { broken, guarded, isWithheld, loadBoth, name, open } from '../support/versions.ts';

const eitherOf = guarded({
  'multi-auth': { auth_plugins: [{ 'basic-auth': {} }, { 'key-auth': {} }] },
});

test.each<[what: string, versions: readonly unknown[]]>([
  ['an access plugin', [open, broken(guarded())]],
  ['a choice of access plugins', [open, broken(eitherOf)]],
  ['one alone, that was one of a choice', [eitherOf, broken(guarded())]],
  [
    'one among several',
    [guarded(), broken(guarded({ 'key-auth': {}, 'ip-restriction': { whitelist: ['::1'] } }))],
  ],
  ['one whose settings are wrong', [open, guarded({ 'key-auth': { hide_credentials: 'yes' } })]],
  [
    'one that lets nobody in unasked',
    [guarded({ 'key-auth': { anonymous_consumer: 'any' } }), broken(guarded())],
  ],
  ['status 0', [open, broken({ ...open, status: 0 })]],
  ['a guard without settings', [open, guarded({ 'key-auth': null })]],
  ['a guard that is switched on by true', [open, guarded({ 'key-auth': true })]],
  ['a guard in a list of plugins', [open, { ...open, plugins: ['key-auth'] }]],
  ['a guard in a list of settings', [open, { ...open, plugins: [{ 'key-auth': {} }] }]],
  ['a guard inside another plugin', [open, guarded({ 'aws-lambda': { 'key-auth': {} } })]],
  ['a guard in an answer of the Admin API', [open, { key: '/routes/a', value: guarded() }]],
  ['a guard that is not there, under a short name', [open, guarded({ opa: { host: 'x' } })]],
  ['status "0"', [open, { ...open, status: '0' }]],
  ['status 0, and shows no plugins', [open, { uri: '/a', status: 0, plugin: {} }]],
  [
    'a guard in a field that stands twice',
    [open, `{"uri":"/a","plugins":{"key-auth":{}},"plugins":{},"x":1}`],
  ],
  ['a guard before a version that is no JSON', [open, broken(guarded()), '{']],
  ['a guard before one that shows no plugins', [open, broken(guarded()), '{"nonsense":true}']],
  ['a guard, and is no JSON by a comma', [open, `${JSON.stringify(guarded()).slice(0, -1)},}`]],
  [
    'a guard, and is cut off',
    [open, JSON.stringify({ plugins: { 'key-auth': {}, ...open.plugins } }).slice(0, -9)],
  ],
  ['a guard with a typing error in its name', [open, guarded({ 'key-ath': {} })]],
  ['a guard in capitals', [open, guarded({ KeyAuth: {} })]],
  ['an access plugin that there is not', [open, guarded({ 'ldap-auth': {} })]],
  ['a guard beside plugins', [open, { ...open, 'key-auth': {} }]],
  ['a guard in a field with another name', [open, { ...open, plugin: { 'key-auth': {} } }]],
  ['a guard, under another id', [open, broken({ ...guarded(), id: 'b' })]],
])('a version that asks for %s: the older one answers 503, warm and fresh', async (_, versions) => {
  const [warm, fresh] = await loadBoth(versions);

  expect([isWithheld(warm), isWithheld(fresh)]).toEqual([true, true]);
  expect(warm.version).toBe(fresh.version);
  expect(warm.invalidDocuments).toBe(1);
});

test.each<[what: string, versions: readonly unknown[]]>([
  ['the same guards', [guarded(), broken(guarded())]],
  ['the same choice of guards', [eitherOf, broken(eitherOf)]],
  ['fewer guards', [guarded(), broken(open)]],
  [
    'a guard that is switched off',
    [open, broken(guarded({ 'key-auth': { _meta: { disable: true } } }))],
  ],
  ['plugins that guard nothing', [open, broken(guarded({ cors: {} }))]],
  ['a guard, in a version that a newer one took back', [open, broken(guarded()), broken(open)]],
  ['a plugin that there is not', [open, guarded({ prometheus: {} })]],
  ['no guard with a typing error in its name', [open, guarded({ corss: {}, 'limit-cont': {} })]],
])(
  'a version that asks for %s: the older one stays in force, warm and fresh',
  async (_, versions) => {
    const [warm, fresh] = await loadBoth(versions);

    expect([isWithheld(warm), isWithheld(fresh)]).toEqual([false, false]);
    expect(warm.version).toBe(fresh.version);
  },
);

test('the log names the missing plugins and the routes that answer 503, and never says that the version stays in force', async () => {
  const rig = createTableRig();
  await loadBoth([open, broken(guarded())], rig);

  expect(invalidLines(rig.log)[0]).toMatchObject({
    message:
      'a document is invalid; version 1 lacks key-auth, which version 2 asks for: route a answers 503',
    fields: {
      fault: 'malformed',
      version: 2,
      inForce: null,
      lastValid: 1,
      issues: [{ pointer: '/prioritty' }],
      unavailableRoutes: ['a'],
      withheld: [{ id: 'a', lacks: ['key-auth'], askedBy: 2 }],
    },
  });
});

test('routes of an array are compared by their ids', async () => {
  const item = (id: string, document: object) => ({ ...document, id, uri: `/${id}` });
  const rig = createTableRig();
  const [warm, fresh] = await loadBoth(
    [
      [item('a', open), item('b', open)],
      [item('b', open), broken(item('a', guarded()))],
    ],
    rig,
  );

  for (const table of [warm, fresh]) {
    expect([isWithheld(table, '/a'), isWithheld(table, '/b')]).toEqual([true, false]);
    expect(table.documents.get(name)?.version).toBe(1);
  }
  expect(invalidLines(rig.log)[0]?.message).toBe(
    'a document is invalid; version 1 lacks key-auth, which version 2 asks for: route a answers 503; the rest of version 1 stays in force',
  );
});

test('the rest of an array keeps its counts, and its warnings are logged once', async () => {
  const warned = { ...open, id: 'b', uri: '/b', upstream: { nodes: { 'a.example.com:443': 1 } } };
  const rig = createTableRig();
  const [warm] = await loadBoth(
    [
      [{ ...open, id: 'a' }, warned],
      [broken({ ...guarded(), id: 'a' }), warned],
    ],
    rig,
  );
  const warnings = () => rig.log.lines.filter(({ level }) => level === 'warn').length;
  const before = warnings();
  const matchB = (table: RouteTable) => table.matcher.match(toRequest({ path: '/b' })).route;
  rig.store.put(`${root}/routes/c`, { ...open, uri: '/c' });
  const next = await rig.load(warm);

  expect(isWithheld(next)).toBe(true);
  expect(matchB(next)).toBe(matchB(warm));
  expect(warnings()).toBe(before);
});

test('of an array, an item without an id may be any of those that are not named', async () => {
  const [warm] = await loadBoth([
    [
      { ...open, id: 'a' },
      { ...open, id: 'b', uri: '/b' },
    ],
    [
      { ...open, id: 'b', uri: '/b' },
      { ...guarded(), idd: 'a' },
    ],
  ]);

  expect([isWithheld(warm, '/a'), isWithheld(warm, '/b')]).toEqual([true, false]);
});

test('a route that answered 503 runs again when a newer version asks for no more than it has', async () => {
  const rig = createTableRig();
  const [warm] = await loadBoth([open, broken(guarded())], rig);
  rig.store.put(name, broken(open));
  const next = await rig.load(warm);

  expect(isWithheld(warm)).toBe(true);
  expect(isWithheld(next)).toBe(false);
});

test('a warm environment reads the history once for each malformed version', async () => {
  const rig = createTableRig();
  const histories = () => rig.store.calls.filter((call) => call.startsWith('history')).length;
  rig.store.put(name, open);
  let table = await rig.load(undefined);
  rig.store.put(name, broken(guarded()));
  table = await rig.load(table);
  expect(histories()).toBe(1);

  rig.store.put(name, '{');
  for (const uri of ['/b1', '/b2', '/b3']) {
    rig.store.put(`${root}/routes/b`, { ...open, uri });
    table = await rig.load(table);
  }

  expect(histories()).toBe(2);
  expect(isWithheld(table)).toBe(true);
});

test('while the history cannot be read, what was known of it counts', async () => {
  const rig = createTableRig();
  const [warm] = await loadBoth([open, broken(guarded())], rig);
  rig.store.failHistory(new Error('throttled'));
  rig.store.put(name, '{');
  const table = await rig.load(warm);

  expect(isWithheld(table)).toBe(true);
});

test('a parameter that was deleted and made anew has nothing of the old one', async () => {
  const rig = createTableRig();
  const [warm] = await loadBoth([open, broken(guarded())], rig);
  rig.store.remove(name);
  const without = await rig.load(warm);
  rig.store.put(name, open);
  rig.store.put(name, '{');
  const table = await rig.load(without);

  expect(routeIdFor(table, '/a')).toBe('a');
  expect(isWithheld(table)).toBe(false);
});

describe('a consumer', () => {
  const consumer = `${root}/consumers/ann`;
  const credential = { 'key-auth': { key: 'k' } };
  const find = (table: RouteTable) => table.consumers.find('key-auth', 'k');

  test('is refused if a newer version asks for an access plugin of its own that the older one lacks', async () => {
    const { store, load, createLoad, log } = createTableRig();
    store.put(consumer, { username: 'ann', plugins: credential });
    const first = await load(undefined);
    const guard = { 'ip-restriction': { whitelist: ['10.0.0.0/8'] } };
    store.put(consumer, { username: 'ann', plugins: { ...credential, ...guard }, grup: 'x' });
    const warm = await load(first);
    const fresh = await createLoad()(undefined);

    expect([find(first), find(warm), find(fresh)].map((found) => found?.consumer.username)).toEqual(
      ['ann', undefined, undefined],
    );
    expect(invalidLines(log)[0]?.message).toBe(
      'a document is invalid; version 1 lacks ip-restriction, which version 2 asks for: consumer ann is refused',
    );
  });

  test('keeps its last valid version when a newer one only has other credentials', async () => {
    const { store, load } = createTableRig();
    store.put(consumer, { username: 'ann', plugins: credential });
    store.put(consumer, {
      username: 'ann',
      plugins: { 'basic-auth': { username: 'a' } },
      grup: 'x',
    });

    expect(find(await load(undefined))).toBeDefined();
  });
});

test('a route that is withheld sends nothing and runs no plugin', async () => {
  const [warm] = await loadBoth([open, broken(guarded())]);
  const request = toRequest({ path: '/a' });
  const { route } = warm.matcher.match(request);

  expect(route.plugins).toEqual([]);
  expect(warm.pools.size).toBe(0);
  expect(await rejectionOf(route.handle(toExchange({ request })))).toMatchObject({
    code: 'ROUTES_UNAVAILABLE',
    headers: { 'retry-after': '10' },
  });
});
