/** What happens to routes whose services are missing, malformed, or less guarded than their newest versions ask for. */
import { functionUri } from '../support/documents.ts';
import { type Documents, loadBoth, routeAt } from '../support/shared-objects.ts';
import { createTableRig, invalidLines, root } from '../support/table-rig.ts';

const upstream = { 'aws-lambda': { function_uri: functionUri } };
const guard = { 'key-auth': {} };
const orders = { uri: '/orders', service_id: 'shop' };

/** Both environments agree. */
async function availabilityAfter(...steps: readonly Documents[]): Promise<boolean> {
  const [warm, fresh] = await loadBoth(steps);
  expect(routeAt(warm).isAvailable).toBe(routeAt(fresh).isAvailable);
  expect(warm.version).toBe(fresh.version);
  return routeAt(warm).isAvailable;
}

test.each<[what: string, steps: readonly Documents[]]>([
  ['is not there', [{ 'routes/orders': orders }]],
  [
    'was deleted',
    [
      { 'services/shop': { plugins: upstream }, 'routes/orders': orders },
      { 'services/shop': undefined },
    ],
  ],
  ['has never been valid', [{ 'services/shop': { pluginz: {} }, 'routes/orders': orders }]],
  ['is no JSON', [{ 'services/shop': '{', 'routes/orders': orders }]],
  [
    'is a plugin config',
    [{ 'plugin_configs/shop': { plugins: upstream }, 'routes/orders': orders }],
  ],
  [
    'is no longer in its array',
    [
      { 'services/all': [{ id: 'shop', plugins: upstream }], 'routes/orders': orders },
      { 'services/all': [{ id: 'other', plugins: upstream }] },
    ],
  ],
  [
    'lacks a secret',
    [
      {
        'services/shop': { plugins: { ...upstream, csrf: { key: '$secret://ssm/no' } } },
        'routes/orders': orders,
      },
    ],
  ],
  [
    'has a malformed newest version that asks for an access plugin which the last valid one lacks',
    [
      { 'services/shop': { plugins: upstream }, 'routes/orders': orders },
      { 'services/shop': { plugins: { ...upstream, ...guard }, wrong: 1 } },
    ],
  ],
  [
    'is named by a malformed newest version only',
    [
      {
        'services/shop': { plugins: guard },
        'routes/orders': { uri: '/orders', plugins: upstream },
      },
      { 'routes/orders': { ...orders, plugins: upstream, wrong: 1 } },
    ],
  ],
  [
    'is named by a misspelt field only',
    [
      {
        'services/shop': { plugins: guard },
        'routes/orders': { uri: '/orders', plugins: upstream },
      },
      { 'routes/orders': { uri: '/orders', plugins: upstream, serviceId: 'shop' } },
    ],
  ],
])('a route whose service %s answers 503, warm and fresh', async (_, steps) => {
  expect(await availabilityAfter(...steps)).toBe(false);
});

test.each<[what: string, steps: readonly Documents[]]>([
  [
    'a malformed service keeps its last valid version',
    [
      { 'services/shop': { plugins: { ...upstream, ...guard } }, 'routes/orders': orders },
      { 'services/shop': { plugins: { ...upstream, ...guard }, wrong: 1 } },
    ],
  ],
  [
    'a malformed service that names an upstream keeps its last valid version',
    [
      {
        'upstreams/shop': { type: 'roundrobin', nodes: { 'a.example.com': 1 } },
        'services/shop': { plugins: upstream, upstream_id: 'shop' },
        'routes/orders': orders,
      },
      { 'services/shop': { plugins: upstream, upstream_id: 'shop', wrong: 1 } },
    ],
  ],
  [
    'a route comes back by itself when its service is written again',
    [
      { 'services/shop': { plugins: upstream }, 'routes/orders': orders },
      { 'services/shop': undefined },
      { 'services/shop': { plugins: upstream } },
    ],
  ],
  [
    'a plugin of the route takes the place of one that lacks a secret',
    [
      {
        'services/shop': { plugins: { csrf: { key: '$secret://ssm/no' } } },
        'routes/orders': { ...orders, plugins: { ...upstream, csrf: { key: 'own' } } },
      },
    ],
  ],
])('%s, warm and fresh', async (_, steps) => {
  expect(await availabilityAfter(...steps)).toBe(true);
});

test('the log says which service a route lacks', async () => {
  const rig = createTableRig();
  await loadBoth([{ 'routes/orders': orders }], rig);

  const [line] = invalidLines(rig.log);
  expect(line?.fields).toMatchObject({
    parameter: `${root}/routes/orders`,
    fault: 'unfulfilled',
    unavailableRoutes: ['orders'],
    issues: [{ pointer: '/service_id', found: '"shop"' }],
  });
  expect(JSON.stringify(line)).toContain(
    'a service shop: no valid document in services/ has this id',
  );
});

test('the log says which upstream a route lacks', async () => {
  const rig = createTableRig();
  await loadBoth([{ 'routes/orders': { uri: '/orders', upstream_id: 'a' } }], rig);

  const [line] = invalidLines(rig.log);
  expect(JSON.stringify(line)).toContain(
    'an upstream a: no valid document in upstreams/ has this id',
  );
});

test('a secret that a service lacks is named at the route and at the service', async () => {
  const rig = createTableRig();
  const service = { plugins: { ...upstream, csrf: { key: '$secret://ssm/no' } } };
  await loadBoth([{ 'services/shop': service, 'routes/orders': orders }], rig);

  const issues = invalidLines(rig.log).map(({ fields }) => fields['issues']);
  expect(issues).toContainEqual([expect.objectContaining({ pointer: '/plugins/csrf/key' })]);
  expect(issues).toContainEqual([
    expect.objectContaining({
      pointer: '/service_id',
      expected: expect.stringContaining(`(${root}/services/shop at /plugins/csrf/key)`),
    }),
  ]);
});
