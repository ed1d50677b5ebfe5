/**
 * Headers that a client writes and that only somebody else could say truly: the address, the user, what carries a credential.
 * Authorizers, limits and upstreams get the proxy's or a plugin's word, or nothing.
 */
import { type Artefact, startArtefact } from '../../support/artefact.ts';
import { type ClientRequest, send } from '../../support/client.ts';
import { gatewayNames, overridingNames } from '../../support/header-names.ts';
import { createVerifier, startUpstream, type Upstream } from '../../support/upstream.ts';

let authorizer: Upstream;
let upstream: Upstream;
let artefact: Artefact;

beforeAll(async () => {
  authorizer = await startUpstream({
    answer: (_, response) => {
      response.setHeader('x-forwarded-user', 'bob').end();
    },
  });
  upstream = await startUpstream({ verifier: createVerifier() });
  const ask = { uri: `${authorizer.url}/check` };
  const lambda = (authorization: object = {}) => ({
    'aws-lambda': {
      function_uri: `${upstream.url}/`,
      authorization: { iam: {}, ...authorization },
    },
  });
  const byKey = { count: 2, time_window: 600, key: 'http_x_key', rejected_code: 429 };
  const byToken = { ...byKey, key: 'http_x_user_token' };
  const byAddress = { ...byKey, key: 'http_x_real_ip' };
  const carried = lambda({ forward_as: 'X-User-Token' });
  const plugins: Record<string, object> = {
    carrier: {
      'forward-auth': {
        ...ask,
        request_headers: ['X-User-Token', 'Authorization'],
        extra_headers: { 'X-Told': 'token=$http_x_user_token;' },
      },
      ...carried,
    },
    carried: { 'key-auth': {}, 'limit-count': byToken, ...carried },
    own: {
      'forward-auth': { ...ask, request_headers: ['Authorization'] },
      'aws-lambda': {
        function_uri: `${upstream.url}/`,
        authorization: { forward_as: 'authorization' },
      },
    },
    told: {
      'forward-auth': {
        ...ask,
        request_headers: [
          ...gatewayNames,
          ...overridingNames,
          'X-Real-IP',
          'Forwarded',
          'X-Tenant',
        ],
        extra_headers: {
          'X-Address': 'address=$http_x_real_ip;',
          'X-Place': '$http_x_forwarded_proto://$http_x_forwarded_host',
          'X-Cloudflare': 'cf=$http_cf_connecting_ip;',
        },
      },
      ...lambda(),
    },
    user: { 'forward-auth': { ...ask, upstream_headers: ['X-Forwarded-User'] }, ...lambda() },
    plain: lambda(),
    spelled: { 'limit-count': byKey, ...lambda() },
    ruled: {
      'limit-count': {
        rules: [{ count: 2, time_window: 600, key: '$http_x_key' }],
        allow_degradation: true,
      },
      ...lambda(),
    },
    requested: { 'limit-req': { rate: 1000, burst: 0, key: 'http_x_key' }, ...lambda() },
    address: { 'limit-count': byAddress, ...lambda() },
  };
  artefact = await startArtefact({
    consumers: { bob: { plugins: { 'key-auth': { key: 'bobs-key' } } } },
    routes: Object.fromEntries(
      Object.entries(plugins).map(([id, list]) => [id, { uri: `/${id}`, plugins: list }]),
    ),
  });
});

afterAll(() => Promise.all([artefact.close(), authorizer.close(), upstream.close()]));

beforeEach(() => {
  authorizer.received.length = 0;
  upstream.received.length = 0;
});

const ask = (target: string, headers: ClientRequest['headers'] = []) =>
  send(artefact.url, { target, headers });
const isForged = ([, value]: readonly [string, string]) => value.includes('forged');
const forge = (names: readonly string[]) => names.map((name) => [name, 'forged'] as const);

it("an authorizer never sees a client's own header under the name that carries Authorization to the upstream", async () => {
  const response = await ask('/carrier', [
    ...forge(['x-user-token', 'x_user_token']),
    ['authorization', 'Bearer bob'],
  ]);

  expect(response.status).toBe(200);
  const told = authorizer.only();
  expect(told.rawHeaders.filter(isForged)).toEqual([]);
  expect(told.header('x-told')).toBeUndefined();
  expect(told.header('authorization')).toBe('Bearer bob');
  expect(upstream.only().rawHeaders.filter(isForged)).toEqual([]);
  expect(upstream.only().header('x-user-token')).toBe('Bearer bob');
});

it("a limit by that name counts by address, and ignores the client's value", async () => {
  const statuses: number[] = [];
  for (const token of ['a', 'b', 'c']) {
    const headers = [['apikey', 'bobs-key'] as const, ['x-user-token', token] as const];
    statuses.push((await ask('/carried', headers)).status);
  }

  expect(statuses).toEqual([200, 200, 429]);
});

it('where Authorization keeps its name, authorizer and upstream both get it', async () => {
  await ask('/own', [['authorization', 'Bearer bob']]);

  expect(authorizer.only().header('authorization')).toBe('Bearer bob');
  expect(upstream.only().header('authorization')).toBe('Bearer bob');
});

it('an authorizer gets the address, host and scheme from the proxy, and no claims of the client about them', async () => {
  const response = await ask('/told', [
    ...forge([...gatewayNames, ...overridingNames, 'x-real-ip', 'x-forwarded-host', 'forwarded']),
    ['x-forwarded-proto', 'gopher'],
    ['x-tenant', 'blue'],
  ]);

  expect(response.status).toBe(200);
  const told = authorizer.only();
  expect(told.rawHeaders.filter(isForged)).toEqual([]);
  expect(told.header('x-real-ip')).toBe(told.header('x-forwarded-for'));
  expect(told.header('x-address')).toBe(`address=${told.header('x-forwarded-for')};`);
  expect(told.header('x-place')).toBe(`https://${told.header('x-forwarded-host')}`);
  expect(told.header('x-tenant')).toBe('blue');
});

it.each(gatewayNames)('a client cannot say %s to an upstream', async (name) => {
  const response = await ask('/plain', forge([name, name.replaceAll('-', '_')]));

  expect(response.status).toBe(200);
  expect(upstream.only().rawHeaders.filter(isForged)).toEqual([]);
});

it('an authorizer may say what a client may not', async () => {
  await ask('/user', forge(['x-forwarded-user']));

  expect(upstream.only().header('x-forwarded-user')).toBe('bob');
});

it.each(['/spelled', '/ruled', '/requested'])(
  '%s: the upstream gets no other spelling of a header that a limit counts by',
  async (target) => {
    await ask(target, forge(['x_key', 'x.key']));
    await ask(target, [['x-key', 'counted'], ...forge(['x_key'])]);

    expect(upstream.received.flatMap(({ rawHeaders }) => rawHeaders.filter(isForged))).toEqual([]);
    expect(upstream.received.at(-1)?.header('x-key')).toBe('counted');
  },
);

it('a limit by X-Real-IP counts the address of the client, not what the client writes there', async () => {
  const statuses: number[] = [];
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    statuses.push((await ask('/address', [['x-real-ip', address]])).status);
  }

  expect(statuses).toEqual([200, 200, 429]);
});
