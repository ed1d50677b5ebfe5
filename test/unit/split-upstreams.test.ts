/** Upstreams that a `traffic-split` names: where they are from, what becomes of a route without them, and who gets keys. */
import { toExchange } from '../support/builders.ts';
import { functionUri } from '../support/documents.ts';
import { type Documents, loadBoth, routeAt } from '../support/shared-objects.ts';
import { createTableRig, invalidLines, root } from '../support/table-rig.ts';

const at = (name: string) => ({
  scheme: 'https',
  nodes: { [`${name}.execute-api.us-east-1.amazonaws.com`]: 1 },
});
const lambda = { 'aws-lambda': { function_uri: functionUri } };
const split = (id: unknown, more: object = {}) => ({
  'traffic-split': { rules: [{ weighted_upstreams: [{ upstream_id: id, ...more }] }] },
});
const orders = { uri: '/orders' };
const route = (plugins: object, more: object = {}) => ({ ...orders, plugins, ...more });

/** @returns whether the route of a warm and of a fresh environment is available, and the hosts that were connected to */
async function load(...steps: readonly Documents[]) {
  const rig = createTableRig();
  const tables = await loadBoth(steps, rig);
  const routes = tables.map((table) => routeAt(table));
  const [warm, fresh] = tables;
  expect(warm.version).toBe(fresh.version);
  const hosts = new Set(rig.connections.map(({ hostname }) => hostname.split('.')[0]));
  return { rig, routes, hosts, available: routes.map(({ isAvailable }) => isAvailable) };
}

test.each<[string, Documents]>([
  ['its route', { 'routes/r': route({ ...lambda, ...split('a') }) }],
  [
    'the service of its route',
    { 'services/s': { plugins: split('a') }, 'routes/r': route(lambda, { service_id: 's' }) },
  ],
  [
    'the plugin config of its route',
    {
      'plugin_configs/c': { plugins: split('a') },
      'routes/r': route(lambda, { plugin_config_id: 'c' }),
    },
  ],
])('the upstream that the traffic-split of %s names is called', async (_, documents) => {
  const { available, hosts, routes } = await load({ 'upstreams/a': at('a'), ...documents });

  expect(available).toEqual([true, true]);
  expect(hosts).toContain('a');
  expect(routes[0]?.links).toContain('upstream/a');
});

test('an id may be a number, and the upstream an item of an array', async () => {
  const documents = { 'upstreams/all': [{ id: 7, ...at('a') }], 'routes/r': route(split(7)) };

  expect((await load(documents)).hosts).toContain('a');
});

test('a changed upstream is another one for its routes', async () => {
  const documents = { 'upstreams/a': at('a'), 'routes/r': route({ ...lambda, ...split('a') }) };
  const { hosts } = await load(documents, { 'upstreams/a': at('b') });

  expect([...hosts]).toEqual(expect.arrayContaining(['a', 'b']));
});

test('it is not the upstream of the route itself', async () => {
  const { routes } = await load({ 'upstreams/a': at('a'), 'routes/r': route(split('a')) });

  expect(routes[0]?.callOwn).toBeUndefined();
});

const named = { 'routes/r': route({ ...lambda, ...split('a') }) };
const served = {
  'services/s': { plugins: split('a') },
  'routes/r': route(lambda, { service_id: 's' }),
};

test.each<[string, readonly Documents[], boolean]>([
  ['is not there', [named], false],
  ['of a service is not there', [served], false],
  ['was deleted', [{ 'upstreams/a': at('a'), ...named }, { 'upstreams/a': undefined }], false],
  ['comes later', [named, { 'upstreams/a': at('a') }], true],
  ['was never valid', [{ 'upstreams/a': { nodes: 1 }, ...named }], false],
  ['has a last valid version', [{ 'upstreams/a': at('a'), ...named }, { 'upstreams/a': 1 }], true],
])('where the upstream %s: whether the route is available', async (_, steps, isAvailable) => {
  const { available, rig } = await load(...steps);

  expect(available).toEqual([isAvailable, isAvailable]);
  const lines = invalidLines(rig.log).filter(
    ({ fields }) => fields['parameter'] === `${root}/routes/r`,
  );
  if (!isAvailable)
    expect(JSON.stringify(lines)).toContain('no valid document in upstreams/ has this id');
});

test('the place of an id that is not there is named', async () => {
  const { rig } = await load(named);
  const [line] = invalidLines(rig.log);

  expect(line?.fields['issues']).toMatchObject([
    { pointer: '/plugins/traffic-split/rules/0/weighted_upstreams/0/upstream_id', found: '"a"' },
  ]);
});

test.each<[string, Documents, string]>([
  [
    'an upstream and an id',
    { 'routes/r': route(split('a', { upstream: at('b') })) },
    '/plugins/traffic-split/rules/0/weighted_upstreams/0',
  ],
  [
    'an id in a global rule',
    { 'global_rules/g': { plugins: split('a') } },
    '/plugins/traffic-split/rules/0/weighted_upstreams/0/upstream_id',
  ],
])('%s are malformed', async (_, documents, pointer) => {
  const rig = createTableRig();
  await loadBoth([{ 'upstreams/a': at('a'), 'routes/q': { uri: '/q' }, ...documents }], rig);
  const issues = invalidLines(rig.log).flatMap(
    ({ fields }) => fields['issues'] as { pointer: string }[],
  );

  expect(issues.map((issue) => issue.pointer)).toContain(pointer);
});

const keyed = { 'aws-lambda': { function_uri: functionUri, authorization: { apikey: 'k' } } };

test.each<[string, Documents]>([
  ['of the route', { 'routes/r': route({ ...keyed, ...split('a') }) }],
  [
    'of a service that has both',
    {
      'services/s': { plugins: { ...keyed, ...split('a') } },
      'routes/r': route({}, { service_id: 's' }),
    },
  ],
])(
  'keys %s are not sent to the nodes of an upstream that is another document',
  async (_, documents) => {
    const { routes } = await load({ 'upstreams/a': at('a'), ...documents });

    await expect(routes[0]?.handle(toExchange())).rejects.toMatchObject({
      code: 'NO_UPSTREAM',
      message: expect.stringContaining(`${root}/upstreams/a may not choose the host`),
    });
  },
);
