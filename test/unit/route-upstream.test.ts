/** The `upstream` of a route, as it is checked and made ready. */

import { rejectionOf, toExchange, toServices } from '../support/builders.ts';
import type { CompileParts } from '../support/documents.ts';
import { compile, documentOf, issuesOf } from '../support/documents.ts';

const allowed = '*.internal.example,www.example.com,127.0.0.1,[::1]';
const parts = (): CompileParts => ({ services: toServices({ allowedHosts: allowed }) });
const routeOf = (upstream: unknown, more: object = {}) =>
  documentOf({ plugins: {}, upstream, ...more });
const https = (nodes: unknown, more: object = {}) => ({ scheme: 'https', nodes, ...more });

/** The pools that a route of this upstream connects through. */
async function connect(upstream: unknown, more: object = {}) {
  const services = toServices({ allowedHosts: allowed });
  const { warnings, pools, routes } = await compile(routeOf(upstream, more), { services });
  return { warnings, pools, connections: services.connections, route: routes[0] };
}

test('both forms of nodes are read, and a port that is not written is that of the scheme', async () => {
  const map = await connect(https({ 'a.internal.example:8443': 1, 'B.internal.example': 2 }));
  const list = await connect(
    https([
      { host: 'a.internal.example', port: 8443, weight: 1 },
      { host: 'B.internal.example', weight: 2, priority: -1, metadata: { zone: 'a' } },
    ]),
  );

  for (const { connections, warnings, pools } of [map, list]) {
    expect(connections.map(({ hostname }) => hostname)).toEqual([
      'a.internal.example',
      'b.internal.example',
    ]);
    expect([pools.length, warnings]).toEqual([2, []]);
  }
});

test.each([
  ['a host that is not listed', https({ 'other.example': 1 }), 'other.example:443', 'not listed'],
  [
    'http to a host that is no loopback',
    { nodes: { 'a.internal.example:80': 1 } },
    'a.internal.example:80',
    'use https',
  ],
  [
    'an AWS endpoint of another service',
    https({ 'sts.amazonaws.com': 1 }),
    'sts.amazonaws.com:443',
    'neither',
  ],
  [
    'an AWS endpoint on another port',
    https({ 'abc1234567.execute-api.us-east-1.amazonaws.com:8443': 1 }),
    ':8443',
    'port 443 only',
  ],
  [
    'an allowed node under a name that is not',
    https({ 'a.internal.example': 1 }, { pass_host: 'rewrite', upstream_host: 'other.example' }),
    'a.internal.example:443 is not called as other.example',
    'not listed',
  ],
  [
    'a loopback node under a name that is not allowed',
    { nodes: { '127.0.0.1:80': 1 }, pass_host: 'rewrite', upstream_host: 'other.example' },
    '127.0.0.1:80 is not called as other.example',
    'not listed',
  ],
])('%s is named in a warning and never connected to', async (_, upstream, ...words) => {
  const { warnings, pools, route } = await connect(upstream);

  expect(pools).toEqual([]);
  for (const word of words) expect(warnings.join()).toContain(word);
  expect(await rejectionOf(route?.handle(toExchange()) ?? Promise.resolve())).toMatchObject({
    code: 'NO_UPSTREAM',
    headers: { 'retry-after': '10' },
  });
});

test('the other nodes are called, and those of weight 0 are not', async () => {
  const { warnings, connections } = await connect(
    https({ 'other.example': 1, 'a.internal.example': 1, 'b.internal.example': 0 }),
  );

  expect(connections.map(({ hostname }) => hostname)).toEqual(['a.internal.example']);
  expect(warnings).toEqual([
    expect.stringMatching(/^route hello: node other\.example:443 is not called/),
  ]);
});

test.each([{}, []])('an upstream with the nodes %j is legal and answers 503', async (nodes) => {
  const { route, warnings } = await connect({ type: 'roundrobin', nodes });

  expect(warnings).toEqual([]);
  expect(await rejectionOf(route?.handle(toExchange()) ?? Promise.resolve())).toMatchObject({
    code: 'NO_UPSTREAM',
  });
});

test('a route with aws-lambda does not call its upstream, and a disabled route none', async () => {
  const services = toServices({ allowedHosts: allowed });
  const upstream = https({ 'a.internal.example': 1, 'other.example': 1 });
  const { warnings, pools } = await compile(documentOf({ upstream }), { services });
  expect(pools).toHaveLength(1);
  expect(warnings).toEqual([
    'route hello: upstream is not called: aws-lambda calls an upstream of its own',
  ]);

  const off = await compile(routeOf(upstream, { status: 0 }), parts());
  expect([off.pools, off.warnings]).toEqual([[], []]);
});

test.each<[string, object, string, string]>([
  ['no nodes', { nodes: undefined }, '', 'the field nodes'],
  ['another type', { type: 'random' }, '/type', 'roundrobin, chash'],
  ['another scheme', { scheme: 'grpc' }, '/scheme', 'neither gRPC'],
  [
    'a negative weight',
    { nodes: { 'a.internal.example': -1 } },
    '/nodes/a.internal.example',
    'a whole number from 0',
  ],
  [
    'a weight that is no number',
    { nodes: [{ host: 'a', weight: '1' }] },
    '/nodes/0/weight',
    'a number',
  ],
  ['a node without a weight', { nodes: [{ host: 'a' }] }, '/nodes/0/weight', 'required'],
  [
    'a node with a field that there is not',
    { nodes: [{ host: 'a', weight: 1, wieght: 2 }] },
    '/nodes/0/wieght',
    'no such field',
  ],
  [
    'a node that is a URL',
    { nodes: { 'https://a.internal.example': 1 } },
    '/nodes/https:~1~1a.internal.example',
    'a plain host name',
  ],
  [
    'a node with a user name',
    { nodes: { 'me@a.internal.example': 1 } },
    '/nodes/me@a.internal.example',
    'a plain host name',
  ],
  [
    'a node that a parser reads as another',
    { nodes: { '0x7f.1:80': 1 } },
    '/nodes/0x7f.1:80',
    'a plain host name',
  ],
  [
    'a node with a port that there is not',
    { nodes: { 'a:70000': 1 } },
    '/nodes/a:70000',
    'a plain host name',
  ],
  [
    'one node twice',
    { nodes: { 'a.internal.example': 1, 'A.internal.example:443': 1 } },
    '/nodes/A.internal.example:443',
    'once',
  ],
  ['rewrite without a name', { pass_host: 'rewrite' }, '', 'upstream_host'],
  [
    'a name that is a URL',
    { pass_host: 'rewrite', upstream_host: 'a/b' },
    '/upstream_host',
    'a plain host name',
  ],
  ['chash without a key', { type: 'chash' }, '', 'key'],
  [
    'chash by a variable that there is not',
    { type: 'chash', key: 'server_addr' },
    '/key',
    'a variable',
  ],
  [
    'chash by a combination without one',
    { type: 'chash', hash_on: 'vars_combinations', key: 'x' },
    '/key',
    'a combination',
  ],
  ['active checks', { checks: { active: { http_path: '/' } } }, '/checks/active', 'no background'],
  [
    'service discovery',
    { service_name: 'orders', discovery_type: 'dns' },
    '/service_name',
    'service discovery',
  ],
  ['a client certificate', { tls: { client_cert: 'x' } }, '/tls/client_cert', 'client certificate'],
  ['a timeout of 0', { timeout: { connect: 0, send: 1, read: 1 } }, '/timeout/connect', 'above 0'],
  ['a part of the timeouts', { timeout: { read: 1 } }, '/timeout/connect', 'required'],
])('%s makes the document malformed', async (_, fields, pointer, expected) => {
  const upstream = { ...https({ 'a.internal.example': 1 }), ...fields };
  const issues = await issuesOf(routeOf(upstream), parts());

  const at = issues.find((issue) => issue.pointer === `/upstream${pointer}`);
  expect(at?.expected).toContain(expected);
  expect(issues.some(({ isUnfulfilled }) => isUnfulfilled)).toBe(false);
});

test('an upstream that is not called is checked like any other', async () => {
  const issues = await issuesOf(documentOf({ upstream: { nodes: {}, typ: 'chash' } }), parts());

  expect(issues.map(({ pointer }) => pointer)).toEqual(['/upstream/typ']);
});

test('pass_host: pass is accepted, and a warning says that it acts as node', async () => {
  const { warnings } = await connect(https({ 'a.internal.example': 1 }, { pass_host: 'pass' }));

  expect(warnings).toEqual([
    'route hello: pass_host: pass acts as node: the client never chooses the host',
  ]);
});

test('pools have the settings of the document', async () => {
  const { connections } = await connect(
    https(
      { 'a.internal.example': 1 },
      {
        keepalive_pool: { size: 2, idle_timeout: 3, requests: 100 },
        tls: { verify: false },
        ...{ pass_host: 'rewrite', upstream_host: 'www.example.com' },
      },
    ),
  );

  expect(connections).toEqual([
    {
      hostname: 'a.internal.example',
      settings: {
        ...{ keepalive: true, poolSize: 2, idleTimeoutMs: 3000, verifyTls: false },
        serverName: 'www.example.com',
      },
    },
  ]);
});

test('certificates are verified, those of AWS endpoints always', async () => {
  const api = 'abc1234567.execute-api.us-east-1.amazonaws.com';
  const { connections, warnings } = await connect(https({ [api]: 1 }, { tls: { verify: false } }));

  expect(connections[0]?.settings.verifyTls).toBe(true);
  expect(warnings.join()).toContain('tls.verify: false is ignored');
});
