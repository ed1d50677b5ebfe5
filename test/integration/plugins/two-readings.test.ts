/**
 * Whoever decides about a request and whoever serves it read the same one: a path that URL parsers take for a host, and a
 * parameter or cookie that occurs twice, are not read in two ways.
 */
import { type Artefact, startArtefact } from '../../support/artefact.ts';
import { type ClientRequest, type ClientResponse, send } from '../../support/client.ts';
import { type Received, startUpstream, type Upstream } from '../../support/upstream.ts';

let authorizer: Upstream;
let upstream: Upstream;
let artefact: Artefact;

/** As many servers read it: WHATWG's parser, and the last of several parameters. */
const readUrl = (uri: string) => new URL(uri, 'http://server.example');

/** Everybody may see the home page; `mine` is the tenant of everybody who has a token. */
function decide({ header }: Received): boolean {
  const { pathname, searchParams } = readUrl(header('x-forwarded-uri') ?? '');
  const tenant = header('x-tenant') ?? searchParams.getAll('tenant').at(-1);
  return pathname === '/' || (tenant === 'mine' && header('authorization') === 'Bearer token');
}

beforeAll(async () => {
  authorizer = await startUpstream({
    answer: (received, response) => {
      response.writeHead(decide(received) ? 200 : 403).end();
    },
  });
  upstream = await startUpstream({
    answer: ({ target }, response) => {
      response.end(readUrl(target).pathname);
    },
  });
  const call = (base: string) => ({ 'aws-lambda': { function_uri: `${upstream.url}${base}` } });
  const ask = { uri: `${authorizer.url}/check`, request_headers: ['Authorization'] };
  const limit = { count: 1, time_window: 600, rejected_code: 429 };
  const conn = { conn: 1, burst: 0, default_conn_delay: 1, allow_degradation: true };
  const req = { rate: 1, burst: 5, allow_degradation: true };
  const route = (uri: string, plugins: object) => ({ uri, plugins: { ...plugins, ...call(uri) } });
  artefact = await startArtefact({
    routes: {
      site: { uri: '/*', host: 'asked.example', plugins: { 'forward-auth': ask, ...call('/') } },
      admin: { uri: '/admin/*', plugins: { 'key-auth': {}, ...call('/admin/') } },
      open: { uri: '/*', plugins: call('/') },
      part: { uri: '/part/*', plugins: call('/') },
      cached: route('/cached', {
        'forward-auth': { ...ask, cache: { ttl: 60, key: '$arg_tenant $http_authorization' } },
      }),
      told: route('/told', {
        'forward-auth': { ...ask, extra_headers: { 'X-Tenant': '$arg_tenant' } },
      }),
      parameter: route('/parameter', { 'limit-count': { ...limit, key: 'arg_apikey' } }),
      cookie: route('/cookie', { 'limit-count': { ...limit, key: 'cookie_session' } }),
      field: route('/field', { 'limit-count': { ...limit, key: 'post_arg_apikey' } }),
      tester: {
        ...{ uri: '/tested', priority: 1, vars: [['cookie_tester', '==', '1']] },
        plugins: { 'key-auth': {}, ...call('/tested') },
      },
      rules: route('/rules', {
        'limit-count': {
          rejected_code: 429,
          rules: [{ count: 1, time_window: 600, key: '$arg_apikey' }],
        },
      }),
      rate: route('/rate', { 'limit-req': { ...req, key: 'arg_apikey' } }),
      running: route('/running', { 'limit-conn': { ...conn, key: 'arg_apikey' } }),
    },
  });
});

afterAll(() => Promise.all([artefact.close(), authorizer.close(), upstream.close()]));

const ask = (target: string, request: Partial<ClientRequest> = {}): Promise<ClientResponse> =>
  send(artefact.url, { ...request, target });
const withToken = { headers: [['authorization', 'Bearer token']] } as const;

describe('a path that begins like the name of a host', () => {
  test.each(['/admin', '//admin', '///admin', '//admin/', '//admin?x=/', '/\\admin', '//\\/admin'])(
    'an authorizer is asked about all of %s',
    async (target) => {
      const host = [['host', 'asked.example']] as const;
      const [home, admin] = [
        await ask('/', { headers: host }),
        await ask(target, { headers: host }),
      ];

      expect([home.status, admin.status]).toEqual([200, 403]);
    },
  );

  test.each([
    '/x/admin/secret',
    '//x/admin/secret',
    '///x/admin/secret',
    '/////x/admin/secret',
    '/\\x/admin/secret',
    '///\\x/admin/secret',
    '/part//x/admin/secret',
    '/part///x/admin/secret',
    '/part//\\x/admin/secret',
  ])('%s is not the guarded path for an upstream that parses it', async (target) => {
    const guarded = await ask('/admin/secret');
    const response = await ask(target);

    expect([guarded.status, response.status]).toEqual([401, 200]);
    expect(response.text()).toMatch(/^\/(%5C\/?)?x\/admin\/secret$/);
  });
});

describe('what occurs twice', () => {
  test('has no cached response of an authorizer that read the other one', async () => {
    await ask('/cached?tenant=a&tenant=mine', withToken);
    const response = await ask('/cached?tenant=a&tenant=other', withToken);

    expect([response.status, response.header('countersign-error')]).toEqual([
      400,
      'MALFORMED_REQUEST',
    ]);
    expect(upstream.received.some(({ target }) => target.endsWith('tenant=other'))).toBe(false);
  });

  test('is not told to an authorizer, in any spelling or number', async () => {
    const once = await ask('/told?tenant=mine', withToken);
    const twice = [
      await ask('/told?tenant=mine&tenant=other', withToken),
      await ask('/told?tenant=mine&%74enant=other', withToken),
      await ask('/told?tenant=mine&tenant=mine&tenant=other', withToken),
    ];

    expect([once, ...twice].map(({ status }) => status)).toEqual([200, 400, 400, 400]);
  });

  test.each([
    'tenant=mine&Tenant=other',
    'tenant=mine&%20tenant=other',
    'tenant=mine&+tenant=other',
    'tenant=mine&tenant%5B%5D=other',
    'tenant=mine&tenant[a]=other',
    'TENANT=other',
    '+tenant=other',
    'tenant=mine&tenant%00=other',
    'tenant=mine&tenant%00x=other',
    'tenant=mine&[tenant]=other',
    'tenant=mine&tenant]=other',
    'tenant=mine&%09tenant=other',
    'tenant=mine&x=1;tenant=other',
    '[tenant]=other',
  ])('is not told to an authorizer as PHP, ASP.NET, Rack or qs reads it: %s', async (query) => {
    expect((await ask(`/told?${query}`, withToken)).status).toBe(400);
  });

  test.each(['tenants=other', 'ten=other', 'ten[ant]=other', 'x=tenant', '&=&tenant-=other'])(
    'is told once beside another parameter: %s',
    async (query) => {
      expect((await ask(`/told?tenant=mine&${query}`, withToken)).status).toBe(200);
    },
  );

  test.each(['/parameter', '/rules', '/rate', '/running'])(
    'is refused where a limit counts by it: %s',
    async (path) => {
      const once = await ask(`${path}?apikey=real`);
      const twice = await ask(`${path}?apikey=x&apikey=real`);

      expect([once.status, twice.status]).toEqual([200, 400]);
    },
  );

  test('is refused where a limit counts by a cookie', async () => {
    const withCookie = (cookie: string) => ask('/cookie', { headers: [['cookie', cookie]] });
    const once = await withCookie('session=real');
    const twice = await withCookie('session=x; session=real');

    const spelled = await withCookie('session=x; %53ession=real');
    // Python's http.cookies splits at blanks.
    const split = await withCookie('session=x; a=1 session=real');
    const inside = await withCookie('session=x; a=the session, b');

    expect([once, twice, spelled, split, inside].map(({ status }) => status)).toEqual([
      200, 400, 400, 400, 200,
    ]);
  });

  test('arrives where nothing decides by it', async () => {
    const response = await ask('/x?apikey=a&apikey=b');

    expect(response.status).toBe(200);
    expect(upstream.received.at(-1)?.target).toBe('/x?apikey=a&apikey=b');
  });
});

describe('another spelling of a value', () => {
  const withCookie = (path: string, cookie: string) => ask(path, { headers: [['cookie', cookie]] });

  test.each([
    ['session=%76alue', 429],
    ['session="value"', 400],
    ['session=value,1', 400],
    ['session=value 1', 400],
    ['session=val\\ue', 400],
    ['session=value%00', 400],
    ['session=other%20value', 200],
  ])('is not counted anew: cookie %s', async (cookie, status) => {
    await withCookie('/cookie', 'session=value');

    expect((await withCookie('/cookie', cookie)).status).toBe(status);
  });

  test.each([
    ['apikey=%76alue', 429],
    ['apikey=value;1', 400],
    ['apikey=value%00', 400],
    ['apikey=%u0076alue', 400],
    ['apikey=value%3B1', 200],
  ])('is not counted anew: parameter or field %s', async (text, status) => {
    const post = (body: string) =>
      ask('/field', {
        ...{ method: 'POST', body },
        headers: [['content-type', 'application/x-www-form-urlencoded']],
      });
    await ask('/parameter?apikey=value');
    await post('apikey=value');
    const responses = [await ask(`/parameter?${text}`), await post(text)];

    expect(responses.map((response) => response.status)).toEqual([status, status]);
  });

  test.each([
    ['tester=1', 401],
    ['tester=%31', 401],
    ['tester="1"', 400],
    ['tester=1,x=2', 400],
  ])('does not evade a condition: %s', async (cookie, status) => {
    expect((await withCookie('/tested', cookie)).status).toBe(status);
  });
});
