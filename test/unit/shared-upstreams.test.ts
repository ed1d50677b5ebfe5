/** Upstreams that are objects of their own, and those of services: which one a route calls. */
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { toExchange, toRequest } from '../support/builders.ts';
import { functionUri } from '../support/documents.ts';
import { loadBoth, routeAt } from '../support/shared-objects.ts';
import { createTableRig, invalidLines, root } from '../support/table-rig.ts';

const at = (name: string) => ({
  scheme: 'https',
  nodes: { [`${name}.execute-api.us-east-1.amazonaws.com`]: 1 },
});
const lambda = { 'aws-lambda': { function_uri: functionUri } };
const orders = { uri: '/orders' };

type Documents = Readonly<Record<string, unknown>>;

/** @returns the table after the documents were written, one step after the other, and what it connects to, by first labels */
async function load(...steps: readonly Documents[]) {
  const rig = createTableRig();
  let table: RouteTable | undefined;
  for (const documents of steps) {
    for (const [name, value] of Object.entries(documents)) {
      if (value === undefined) rig.store.remove(`${root}/${name}`);
      else rig.store.put(`${root}/${name}`, value);
    }
    table = await rig.load(table);
  }
  const fresh = await rig.createLoad()(undefined);
  if (!table) throw new Error('nothing was loaded');
  const route = table.matcher.match(toRequest({ path: '/orders' })).route;
  expect(fresh.version).toBe(table.version);
  const hosts = rig.connections.map(({ hostname }) => hostname.split('.')[0]);
  return { rig, table, route, hosts };
}

test.each<[string, Documents, string[]]>([
  ['that it names', { 'upstreams/a': at('a'), 'routes/r': { ...orders, upstream_id: 'a' } }, ['a']],
  [
    'of an array, whose id is a number',
    { 'upstreams/all': [{ id: 7, ...at('a') }], 'routes/r': { ...orders, upstream_id: 7 } },
    ['a'],
  ],
  [
    'of its service',
    { 'services/s': { upstream: at('a') }, 'routes/r': { ...orders, service_id: 's' } },
    ['a'],
  ],
  [
    'that its service names',
    {
      'upstreams/a': at('a'),
      'services/s': { upstream_id: 'a' },
      'routes/r': { ...orders, service_id: 's' },
    },
    ['a'],
  ],
  [
    'of its own before that of its service',
    {
      'services/s': { upstream: at('a') },
      'routes/r': { ...orders, service_id: 's', upstream: at('b') },
    },
    ['b'],
  ],
  [
    'that it names before that of its service',
    {
      'upstreams/b': at('b'),
      'services/s': { upstream: at('a') },
      'routes/r': { ...orders, service_id: 's', upstream_id: 'b' },
    },
    ['b'],
  ],
  [
    'of nobody, where a plugin calls one',
    { 'upstreams/a': at('a'), 'routes/r': { ...orders, upstream_id: 'a', plugins: lambda } },
    ['abcdefghij0123456789klmnopqrst'],
  ],
])('a route calls the upstream %s', async (_, documents, expected) => {
  const { route, hosts } = await load(documents);

  expect(route.isAvailable).toBe(true);
  expect(new Set(hosts)).toEqual(new Set(expected));
});

test('an edit of the upstream reaches its routes', async () => {
  const { hosts } = await load(
    {
      'upstreams/a': at('a'),
      'services/s': { upstream_id: 'a' },
      'routes/r': { ...orders, service_id: 's' },
    },
    { 'upstreams/a': at('b') },
  );

  expect(hosts).toContain('b');
});

test.each<[string, readonly Documents[], boolean]>([
  ['is not there', [{ 'routes/r': { ...orders, upstream_id: 'a' } }], false],
  [
    'was deleted',
    [
      { 'upstreams/a': at('a'), 'routes/r': { ...orders, upstream_id: 'a' } },
      { 'upstreams/a': undefined },
    ],
    false,
  ],
  [
    'of a service is not there',
    [{ 'services/s': { upstream_id: 'a' }, 'routes/r': { ...orders, service_id: 's' } }],
    false,
  ],
  [
    'comes later',
    [{ 'routes/r': { ...orders, upstream_id: 'a' } }, { 'upstreams/a': at('a') }],
    true,
  ],
  [
    'was never valid',
    [{ 'upstreams/a': { nodes: 1 }, 'routes/r': { ...orders, upstream_id: 'a' } }],
    false,
  ],
  [
    'has a last valid version',
    [
      { 'upstreams/a': at('a'), 'routes/r': { ...orders, upstream_id: 'a' } },
      { 'upstreams/a': { nodes: 1 } },
    ],
    true,
  ],
])('where the upstream %s: whether the route is available', async (_, steps, isAvailable) => {
  expect((await load(...steps)).route.isAvailable).toBe(isAvailable);
});

test.each<[string, Documents, string]>([
  ['an upstream', { 'upstreams/a': { ...at('a'), typ: 'chash' } }, '/typ'],
  ['an upstream of an array', { 'upstreams/a': [{ id: 1, nodes: { 'a/b': 1 } }] }, '/0/nodes/a~1b'],
  [
    'an upstream of a service',
    { 'services/s': { upstream: { ...at('a'), checks: { active: {} } } } },
    '/upstream/checks/active',
  ],
  ['a service with two upstreams', { 'services/s': { upstream: at('a'), upstream_id: 'a' } }, ''],
  [
    'a route with two upstreams',
    { 'routes/x': { uri: '/x', upstream: at('a'), upstream_id: 'a' } },
    '',
  ],
  ['an upstream with plugins', { 'upstreams/a': { ...at('a'), plugins: {} } }, '/plugins'],
])('%s that is malformed is named with its place', async (_, documents, pointer) => {
  const { rig } = await load({ 'routes/r': { ...orders, plugins: lambda }, ...documents });

  const issues = invalidLines(rig.log).flatMap(
    ({ fields }) => fields['issues'] as { pointer: string }[],
  );
  expect(issues.map((issue) => issue.pointer)).toContain(pointer);
});

test('what may not be called is said once, with the upstream', async () => {
  const upstream = { scheme: 'https', nodes: { 'other.example': 1 } };
  const { rig } = await load({
    'upstreams/a': upstream,
    'routes/r': { ...orders, upstream_id: 'a' },
    'routes/s': { uri: '/s', upstream_id: 'a' },
  });

  const warnings = rig.log.lines.filter(({ message }) => message.includes('other.example'));
  // Once by the warm environment, and once by the fresh one.
  expect(warnings.map(({ fields }) => fields['parameter'])).toEqual([
    `${root}/upstreams/a`,
    `${root}/upstreams/a`,
  ]);
});

test('keys of a service are not used for hosts that a route chooses', async () => {
  const rules = [{ weighted_upstreams: [{ upstream: at('a') }] }];
  const keyed = { 'aws-lambda': { function_uri: functionUri, authorization: { apikey: 'k' } } };
  const { route } = await load({
    'services/s': { plugins: keyed },
    'routes/r': { ...orders, service_id: 's', plugins: { 'traffic-split': { rules } } },
  });

  await expect(route.handle(toExchange())).rejects.toMatchObject({ code: 'NO_UPSTREAM' });
});

test('routes of one document that name a large upstream connect to each of its nodes once', async () => {
  const rig = createTableRig();
  const hosts = Array.from(
    { length: 40 },
    (_, index) => `a${index}.execute-api.us-east-1.amazonaws.com`,
  );
  const nodes = Object.fromEntries(hosts.map((host) => [host, 1]));
  rig.store.put(`${root}/upstreams/all`, { scheme: 'https', nodes });
  rig.store.put(
    `${root}/routes/many`,
    Array.from({ length: 50 }, (_, index) => ({
      ...{ id: `r${index}`, uri: `/r${index}`, upstream_id: 'all', retries: index },
    })),
  );
  const table = await rig.load(undefined);

  expect(routeAt(table, '/r49').isAvailable).toBe(true);
  expect(rig.connections.map(({ hostname }) => hostname)).toEqual(hosts);
});

test.each([
  ['a traffic-split of their service with many nodes', false],
  ['a traffic-split of their service that names an upstream of many nodes', true],
])('routes of one document that have %s are compiled up to a limit', async (_, isNamed) => {
  const hosts = Array.from(
    { length: 40 },
    (_, index) => `a${index}.execute-api.us-east-1.amazonaws.com`,
  );
  const upstream = { scheme: 'https', nodes: Object.fromEntries(hosts.map((host) => [host, 1])) };
  const share = isNamed ? { upstream_id: 'all' } : { upstream };
  const split = { 'traffic-split': { rules: [{ weighted_upstreams: [share] }] } };
  const ids = Array.from({ length: 60 }, (_, index) => `r${index}`);
  const [table] = await loadBoth([
    {
      'upstreams/all': upstream,
      'services/shop': { plugins: { ...split, ...lambda } },
      'routes/many': ids.map((id) => ({ id, uri: `/${id}`, service_id: 'shop' })),
    },
  ]);

  const available = ids.filter((id) => routeAt(table, `/${id}`).isAvailable);
  expect(available).toEqual(ids.slice(0, 50));
});

test('a traffic-split that names large upstreams very often answers 503, and stays well-formed', async () => {
  const rig = createTableRig();
  const hosts = Array.from(
    { length: 60 },
    (_, index) => `a${index}.execute-api.us-east-1.amazonaws.com`,
  );
  const nodes = Object.fromEntries(hosts.map((host) => [host, 1]));
  const shares = Array.from({ length: 20 }, () => ({ upstream_id: 'all' }));
  const rules = Array.from({ length: 2 }, () => ({ weighted_upstreams: shares }));
  const [table] = await loadBoth(
    [
      {
        'upstreams/all': { scheme: 'https', nodes },
        'routes/orders': { ...orders, plugins: { 'traffic-split': { rules }, ...lambda } },
      },
    ],
    rig,
  );

  expect(routeAt(table).isAvailable).toBe(false);
  expect(invalidLines(rig.log)[0]?.fields).toMatchObject({ fault: 'unfulfilled' });
});
