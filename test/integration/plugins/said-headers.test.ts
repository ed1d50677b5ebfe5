/** A header that a plugin sets is the plugin's word for every other plugin; a client's own of that name does not exist. */
import { type Artefact, startArtefact } from '../../support/artefact.ts';
import { type ClientRequest, send } from '../../support/client.ts';
import { createVerifier, startUpstream, type Upstream } from '../../support/upstream.ts';

let authorizer: Upstream;
let upstream: Upstream;
let artefact: Artefact;

beforeAll(async () => {
  authorizer = await startUpstream({
    answer: ({ target }, response) => {
      if (target.startsWith('/refuse')) {
        response.setHeader('set-cookie', ['a=1; Path=/', 'b=2']).writeHead(401);
      }
      response.end();
    },
  });
  upstream = await startUpstream({ verifier: createVerifier() });
  const ask = { uri: `${authorizer.url}/check` };
  const call = { 'aws-lambda': { function_uri: `${upstream.url}/`, authorization: { iam: {} } } };
  const route = (uri: string, plugins: object) => ({ uri, plugins: { ...plugins, ...call } });
  const byUser = {
    count: 2,
    time_window: 600,
    key: 'http_x_consumer_username',
    rejected_code: 429,
  };
  artefact = await startArtefact({
    consumers: {
      bob: { plugins: { 'key-auth': { key: 'bobs-key' } } },
      guest: {},
      own: {
        plugins: {
          'key-auth': { key: 'own-key' },
          'forward-auth': { ...ask, upstream_headers: ['X-Level'] },
        },
      },
    },
    routes: {
      listed: route('/listed', {
        'key-auth': {},
        'request-id': {},
        'forward-auth': {
          ...ask,
          request_headers: ['X-Consumer-Username', 'X_Consumer_Username', 'X-Tenant'],
          extra_headers: { 'X-Told': '$http_x_consumer_username' },
        },
      }),
      nobody: route('/nobody', {
        'forward-auth': {
          ...ask,
          request_headers: ['X-Consumer-Username', 'X-User', 'X_User'],
          extra_headers: { 'X-Told': 'user=$http_x_user;' },
          upstream_headers: ['X-User'],
        },
      }),
      limited: route('/limited', { 'key-auth': {}, 'limit-count': byUser }),
      replaced: route('/replaced', {
        'key-auth': {},
        'forward-auth': { ...ask, upstream_headers: ['X-User'] },
      }),
      level: route('/level', {
        'key-auth': { anonymous_consumer: 'guest' },
        'forward-auth': {
          ...ask,
          request_headers: ['X-Level'],
          extra_headers: { 'X-Told': 'level=$http_x_level;' },
        },
      }),
      proxys: route('/proxys', {
        'forward-auth': {
          ...ask,
          request_headers: [
            'X-Credential-Identifier',
            'X-Original-Authorization',
            'X_Forwarded_For',
          ],
          extra_headers: { 'X-Told': 'id=$http_x_credential_identifier;' },
        },
      }),
      refused: route('/refused', {
        'forward-auth': { uri: `${authorizer.url}/refuse`, client_headers: ['Set-Cookie'] },
      }),
    },
  });
});

afterAll(() => Promise.all([artefact.close(), authorizer.close(), upstream.close()]));

beforeEach(() => {
  authorizer.received.length = 0;
  upstream.received.length = 0;
});

const ask = (target: string, headers: ClientRequest['headers'] = []) =>
  send(artefact.url, { target, headers: [['apikey', 'bobs-key'], ...headers] });

it("an authorizer is told the consumer that key-auth found, not the client's own words", async () => {
  const response = await ask('/listed', [
    ['x-consumer-username', 'admin'],
    ['x_consumer_username', 'admin'],
    ['x-tenant', 'blue'],
  ]);

  expect(response.status).toBe(200);
  const told = authorizer.only();
  expect(told.header('x-consumer-username')).toBe('bob');
  expect(told.header('x_consumer_username')).toBe('bob');
  expect(told.header('x-told')).toBe('bob');
  expect(told.header('x-tenant')).toBe('blue');
});

it('a name that only plugins may set is absent where none has set it', async () => {
  await ask('/nobody', [
    ['x-consumer-username', 'admin'],
    ['x-user', 'admin'],
    ['x_user', 'admin'],
  ]);

  const { rawHeaders } = authorizer.only();
  expect(rawHeaders.filter(([, value]) => value.includes('admin'))).toEqual([]);
  expect(upstream.only().rawHeaders.filter(([, value]) => value.includes('admin'))).toEqual([]);
});

it("a limit by such a header counts the plugin's value, and ignores the client's", async () => {
  const statuses: number[] = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    statuses.push((await ask('/limited', [['x-consumer-username', name]])).status);
  }

  expect(statuses).toEqual([200, 200, 429, 429]);
});

it("a consumer's plugin that stands in for the route's does not free the names of either", async () => {
  const response = await send(artefact.url, {
    target: '/replaced',
    headers: [
      ['apikey', 'own-key'],
      ['x-user', 'admin'],
      ['x-level', 'admin'],
    ],
  });

  expect(response.status).toBe(200);
  expect(upstream.only().rawHeaders.filter(([, value]) => value === 'admin')).toEqual([]);
});

const isAdmin = ([, value]: readonly [string, string]) => value.includes('admin');

it.each([
  ['another consumer', [['apikey', 'bobs-key']]],
  ['nobody', []],
] as const)("a name that a consumer's plugin sets is not what %s says", async (_, headers) => {
  const response = await send(artefact.url, {
    target: '/level',
    headers: [...headers, ['x-level', 'admin'], ['x_level', 'admin']],
  });

  expect(response.status).toBe(200);
  expect(authorizer.only().rawHeaders.filter(isAdmin)).toEqual([]);
  expect(upstream.only().rawHeaders.filter(isAdmin)).toEqual([]);
});

it("an authorizer is told nothing by a client under a name that is the proxy's own", async () => {
  await ask('/proxys', [
    ['x-credential-identifier', 'admin'],
    ['x-original-authorization', 'Bearer admin'],
    ['x_forwarded_for', 'admin'],
  ]);

  expect(authorizer.only().rawHeaders.filter(isAdmin)).toEqual([]);
});

it('what Connection names ends here for plugins as for the upstream, and no id of ours with it', async () => {
  await ask('/listed', [
    ['x-tenant', 'blue'],
    ['connection', 'x-tenant, x-request-id'],
  ]);

  expect(authorizer.only().header('x-tenant')).toBeUndefined();
  expect(upstream.only().header('x-tenant')).toBeUndefined();
  expect(upstream.only().header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

it('every cookie that an authorizer sets with its refusal reaches the client', async () => {
  const response = await ask('/refused');

  expect(response.status).toBe(401);
  const cookies = response.headers.filter(([name]) => name === 'set-cookie');
  expect(cookies.map(([, value]) => value)).toEqual(['a=1; Path=/', 'b=2']);
});
