/** What routes have from services and plugin configs. */
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { toRequest } from '../support/builders.ts';
import { functionUri, issuesOf } from '../support/documents.ts';
import { loadBoth, routeAt } from '../support/shared-objects.ts';
import { createTableRig, invalidLines, root, routeIdFor } from '../support/table-rig.ts';

const upstream = { 'aws-lambda': { function_uri: functionUri } };
const guard = { 'key-auth': {} };
const orders = { uri: '/orders', service_id: 'shop' };

const pluginsAt = (table: RouteTable, path = '/orders') =>
  routeAt(table, path).plugins.map(({ name }) => name);

test('a route has the plugins of its service', async () => {
  const [table] = await loadBoth([
    { 'services/shop': { plugins: { ...upstream, ...guard } }, 'routes/orders': orders },
  ]);

  expect(pluginsAt(table)).toEqual(['key-auth', 'aws-lambda']);
  expect(routeAt(table).isOpen).toBe(false);
});

test('an object may be one of an array, and its id may be a number', async () => {
  const [table] = await loadBoth([
    {
      'services/all': [
        { id: 1, plugins: upstream },
        { id: 'shop', plugins: guard },
      ],
      'routes/orders': { ...orders, service_id: 1 },
    },
  ]);

  expect(pluginsAt(table)).toEqual(['aws-lambda']);
});

test('a plugin of the route goes before that of its plugin config, and that one before that of its service', async () => {
  const whitelists = (address: string) => ({ 'ip-restriction': { whitelist: [address] } });
  const [table] = await loadBoth([
    {
      'services/shop': {
        plugins: { ...upstream, ...guard, ...whitelists('10.0.0.1'), csrf: { key: 'service' } },
      },
      'plugin_configs/strict': {
        plugins: { ...whitelists('10.0.0.2'), 'key-auth': { header: 'x-config' } },
      },
      'routes/orders': {
        ...orders,
        plugin_config_id: 'strict',
        plugins: { 'key-auth': { _meta: { disable: true } } },
      },
    },
  ]);

  // The route switches key-auth off, as in APISIX.
  expect(pluginsAt(table)).toEqual(['ip-restriction', 'csrf', 'aws-lambda']);
  const { plugins } = routeAt(table);
  const ask = (clientIp: string) =>
    plugins[0]?.middleware(
      { request: toRequest({ clientIp }) } as never,
      async () => 'next' as never,
    );
  await expect(ask('10.0.0.2')).resolves.toBe('next');
  await expect(ask('10.0.0.1')).rejects.toThrow('ip-restriction');
});

test('a route without hosts has those of its service', async () => {
  const [table] = await loadBoth([
    {
      'services/shop': { hosts: ['shop.example.com'], plugins: upstream },
      'routes/orders': orders,
      'routes/own': { uri: '/own', service_id: 'shop', host: 'own.example.com' },
    },
  ]);

  expect(routeAt(table, '/orders', 'shop.example.com').id).toBe('orders');
  expect(routeAt(table, '/own', 'own.example.com').id).toBe('own');
  expect(routeIdFor(table, '/orders')).toBe('NO_ROUTE');
});

test('an edit of a service is in force for its routes, and not for others', async () => {
  const rig = createTableRig();
  const other = { uri: '/other', plugins: upstream };
  const first = {
    'services/shop': { plugins: upstream },
    'routes/orders': orders,
    'routes/other': other,
  };
  const [before] = await loadBoth([first], rig);
  rig.store.put(`${root}/services/shop`, { plugins: { ...upstream, ...guard } });
  const after = await rig.load(before);

  expect(pluginsAt(after)).toEqual(['key-auth', 'aws-lambda']);
  expect(routeAt(after, '/other')).toBe(routeAt(before, '/other'));
  expect(after.version).not.toBe(before.version);
});

test('an edit of what no route has of a service leaves its routes as they are', async () => {
  const rig = createTableRig();
  const [before] = await loadBoth(
    [
      {
        'services/shop': { plugins: upstream },
        'services/b': { plugins: guard },
        'routes/orders': orders,
      },
    ],
    rig,
  );
  rig.store.put(`${root}/services/b`, { plugins: {} });
  const after = await rig.load(before);

  expect(routeAt(after)).toBe(routeAt(before));
});

test('a secret of a service is put into its routes, and a new value is in force', async () => {
  const rig = createTableRig();
  const service = { plugins: { ...upstream, csrf: { key: '$secret://ssm/csrf' } } };
  const secret = `${root}/secrets/csrf`;
  rig.store.put(secret, 'one');
  const [before] = await loadBoth([{ 'services/shop': service, 'routes/orders': orders }], rig);
  rig.store.put(secret, 'two');
  const after = await rig.load(before);

  expect(routeAt(before).isAvailable).toBe(true);
  expect(routeAt(after)).not.toBe(routeAt(before));
});

test('of two objects with one id the first is used, and the log names both', async () => {
  const rig = createTableRig();
  const [table] = await loadBoth(
    [
      {
        'services/a': [{ id: 'shop', plugins: { ...upstream, ...guard } }],
        'services/shop': { plugins: upstream },
        'routes/orders': orders,
      },
    ],
    rig,
  );

  expect(pluginsAt(table)).toEqual(['key-auth', 'aws-lambda']);
  const line = rig.log.lines.find(({ message }) => message.includes('two shared objects'));
  expect(line?.fields).toEqual({
    winner: `${root}/services/a#shop`,
    loser: `${root}/services/shop#shop`,
  });
});

test('a document whose routes have very many plugins from others answers 503, and stays well-formed', async () => {
  const many = {
    ...{ cors: {}, csrf: { key: 'k' }, 'request-id': {}, 'key-auth': {} },
    'uri-blocker': { block_rules: ['x'] },
  };
  const rig = createTableRig();
  const [table] = await loadBoth(
    [
      {
        'services/shop': { plugins: { ...upstream, ...many } },
        'routes/all': Array.from({ length: 200 }, (_, index) => ({
          id: `r${index}`,
          uri: `/r${index}`,
          service_id: 'shop',
        })),
      },
    ],
    rig,
  );

  expect(routeAt(table, '/r0').isAvailable).toBe(true);
  expect(routeAt(table, '/r199').isAvailable).toBe(false);
  expect(invalidLines(rig.log)[0]?.fields).toMatchObject({ fault: 'unfulfilled' });
});

test.each<[field: string, document: object, expected: string]>([
  [
    '/enable_websocket',
    { uri: '/a', enable_websocket: true },
    'no WebSocket passes a function URL',
  ],
  [
    '/filter_func',
    { uri: '/a', filter_func: 'function(vars) return true end' },
    'vars has conditions',
  ],
  ['/script', { uri: '/a', script: 'return' }, 'no script of Lua'],
])('%s of a route is refused with the reason', async (pointer, document, expected) => {
  const [issue] = await issuesOf(document);

  expect(issue).toMatchObject({ pointer, expected: expect.stringContaining(expected) });
});

test('routes of one document with a large schema of a service are compiled up to a limit', async () => {
  const allOf = Array.from({ length: 400 }, () => ({}));
  const validation = { 'request-validation': { body_schema: { allOf } } };
  const ids = Array.from({ length: 10 }, (_, index) => `r${index}`);
  const [table] = await loadBoth([
    {
      'services/shop': { plugins: { ...upstream, ...validation } },
      'routes/many': ids.map((id) => ({ id, uri: `/${id}`, service_id: 'shop' })),
    },
  ]);

  const served = ids.filter((id) => routeIdFor(table, `/${id}`) === id);
  const compiled = served.filter((id) => routeAt(table, `/${id}`).isAvailable);
  expect(compiled).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
});
