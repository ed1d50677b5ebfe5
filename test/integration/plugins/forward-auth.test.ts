/** forward-auth: what the authorizer is told, what comes of what it says, and what comes of silence. */
import { type Artefact, startArtefact } from '../../support/artefact.ts';
import { type ClientRequest, send } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import { sample } from '../../support/sample.ts';
import {
  createVerifier,
  startUpstream,
  type Upstream,
  type UpstreamOptions,
} from '../../support/upstream.ts';

type Answer = NonNullable<UpstreamOptions['answer']>;

const allow: Answer = (_, response) => {
  response.setHeader('x-user-id', 'user-7').end();
};

describe('forward-auth', () => {
  let authorizer: Upstream;
  let upstream: Upstream;
  let artefact: Artefact;
  let answer: Answer = allow;
  let routes = 0;

  beforeAll(async () => {
    authorizer = await startUpstream({ answer: (...call) => answer(...call) });
    upstream = await startUpstream({ verifier: createVerifier() });
    artefact = await startArtefact({ reloads: true, maxEnvironments: 1 });
  });

  afterAll(() => Promise.all([artefact.close(), authorizer.close(), upstream.close()]));

  beforeEach(() => {
    answer = allow;
    authorizer.received.length = 0;
    upstream.received.length = 0;
  });

  const ask = (path: string, request: Partial<ClientRequest> = {}) =>
    send(artefact.url, { target: `${path}/x`, ...request });
  /** A route of its own for each case. @returns its path */
  const put = async (settings: object = {}): Promise<string> => {
    routes += 1;
    const path = `/case-${routes}`;
    artefact.putRoute(`case-${routes}`, {
      uri: `${path}/*`,
      plugins: {
        'forward-auth': { uri: `${authorizer.url}/check?realm=a`, ...settings },
        'aws-lambda': { function_uri: `${upstream.url}/`, authorization: { iam: {} } },
      },
    });
    await eventually(async () => (await ask(path)).status !== 404);
    authorizer.received.length = 0;
    upstream.received.length = 0;
    return path;
  };
  const upstreamHeader = (name: string) => upstream.only().header(name);

  it('tells the authorizer what the request is, and nothing of the client that is not listed', async () => {
    const path = await put({ request_headers: ['X-Tenant'] });

    const response = await ask(path, {
      method: 'DELETE',
      target: `${path}/a%20b?q=1&q=2`,
      headers: [
        ['x-tenant', 'blue'],
        ['authorization', 'Bearer secret'],
        ['x-forwarded-method', 'GET'],
      ],
    });

    expect(response.status).toBe(200);
    const { method, target, rawHeaders } = authorizer.only();
    expect([method, target]).toEqual(['GET', '/check?realm=a']);
    expect(Object.fromEntries(rawHeaders)).toEqual({
      host: `127.0.0.1:${authorizer.port}`,
      'x-forwarded-proto': 'https',
      'x-forwarded-method': 'DELETE',
      'x-forwarded-host': expect.stringContaining('127.0.0.1'),
      'x-forwarded-uri': `${path}/a%20b?q=1&q=2`,
      'x-forwarded-for': '127.0.0.1',
      'x-tenant': 'blue',
      connection: 'keep-alive',
    });
  });

  it('sends the body where the document wants a POST, up to its limit', async () => {
    const path = await put({ request_method: 'POST', max_req_body_size: 5 });

    expect((await ask(path, { method: 'PUT', body: 'hello' })).status).toBe(200);
    expect(authorizer.only().method).toBe('POST');
    expect(authorizer.only().body.toString()).toBe('hello');
    expect(authorizer.only().header('content-length')).toBe('5');
    const tooMuch = await ask(path, { method: 'PUT', body: 'hello!' });
    expect(tooMuch.header('countersign-error')).toBe('BODY_TOO_LARGE');
  });

  it('adds headers of the document, with variables of the request', async () => {
    const path = await put({
      extra_headers: { 'X-Asked-By': 'countersign', 'X-What': '$request_method $arg_id' },
    });

    await ask(path, { target: `${path}/x?id=9` });

    const told = authorizer.only();
    expect([told.header('x-asked-by'), told.header('x-what')]).toEqual(['countersign', 'GET 9']);
  });

  it("hands the listed headers of the authorizer on, signed, in place of a client's own", async () => {
    const path = await put({ upstream_headers: ['X-User-ID', 'X-Role'] });

    await ask(path, {
      headers: [
        ['x-user-id', 'spoofed'],
        ['x_user_id', 'spoofed'],
        ['x-role', 'admin'],
      ],
    });

    expect(upstreamHeader('x-user-id')).toBe('user-7');
    expect(upstreamHeader('x_user_id')).toBeUndefined();
    expect(upstreamHeader('x-role')).toBeUndefined();
    const signed = /SignedHeaders=([^,]+)/.exec(upstreamHeader('authorization') ?? '')?.[1];
    expect(signed?.split(';')).toContain('x-user-id');
    expect(upstream.only().verification?.ok).toBe(true);
  });

  it.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [302, 'FORBIDDEN'],
    [500, 'FORBIDDEN'],
  ])(
    'passes a %d of the authorizer on, with its body and its listed headers',
    async (status, code) => {
      const path = await put({ client_headers: ['Location'] });
      answer = (_, response) => {
        response
          .writeHead(status, {
            location: 'https://login.example/',
            'x-inner': '1',
            'content-type': 'text/html',
          })
          .end('<p>no\u00e9</p>');
      };

      const response = await ask(path);

      expect([response.status, response.text()]).toEqual([status, '<p>no\u00e9</p>']);
      expect(response.header('location')).toBe('https://login.example/');
      expect(response.header('content-type')).toBe('text/html');
      expect(response.header('x-inner')).toBeUndefined();
      expect(response.header('countersign-error')).toBe(code);
      expect(upstream.received).toHaveLength(0);
    },
  );

  const failures: readonly (readonly [string, Answer])[] = [
    ['breaks off', (_, response) => response.destroy() as never],
    ['is silent', () => {}],
    [
      'breaks off in its answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': '10' });
        response.write('12345', () => response.destroy());
      },
    ],
    [
      'answers without end',
      (_, response) => {
        response.writeHead(200);
        const more = () => {
          if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
        };
        more();
      },
    ],
  ];

  it.each(sample(failures))('refuses clients when the authorizer %s', async (_, failing) => {
    const path = await put({ timeout: 500 });
    const lenient = await put({ timeout: 500, status_on_error: 503 });
    const open = await put({ timeout: 500, allow_degradation: true, upstream_headers: ['x-role'] });
    answer = failing;

    const refused = await ask(path);
    expect([refused.status, refused.header('countersign-error')]).toEqual([
      403,
      'ACCESS_UNDECIDED',
    ]);
    expect((await ask(lenient)).status).toBe(503);
    expect(upstream.received).toHaveLength(0);
    expect((await ask(open, { headers: [['x-role', 'admin']] })).status).toBe(200);
    expect(upstreamHeader('x-role')).toBeUndefined();
    expect(artefact.text()).toContain('lets a request in unasked');
  });

  it('asks again for each request, unless the document says for how long an answer holds', async () => {
    const always = await put();
    const cached = await put({ cache: { ttl: 60 }, request_headers: ['x-tenant'] });
    const byTenant = await put({ cache: { ttl: 60, key: '$http_x_tenant' } });
    const tenant = (name: string, target?: string): Partial<ClientRequest> => ({
      headers: [['x-tenant', name]],
      ...(target === undefined ? {} : { target }),
    });
    const asked = async (path: string, ...requests: readonly Partial<ClientRequest>[]) => {
      authorizer.received.length = 0;
      for (const request of requests) expect((await ask(path, request)).status).toBe(200);
      return authorizer.received.length;
    };

    expect(await asked(always, tenant('a'), tenant('a'))).toBe(2);
    expect(
      await asked(cached, tenant('a'), tenant('a'), tenant('b'), {
        method: 'POST',
        ...tenant('a'),
      }),
    ).toBe(3);
    expect(await asked(byTenant, tenant('a'), tenant('a', `${byTenant}/y`), tenant('b'))).toBe(2);
    expect(await asked(byTenant, {}, {})).toBe(2);
  });

  it.each([
    [401, {}, 1],
    [503, {}, 2],
    [200, { 'cache-control': 'no-store' }, 2],
    [200, { 'cache-control': 'max-age=0' }, 2],
    [200, { 'cache-control': 'public, S-MaxAge=0, max-age=60' }, 2],
    [200, { 'cache-control': 'max-age=60, max-age=-1' }, 2],
    [200, { 'cache-control': 'max-age=0, s-maxage="60"' }, 1],
    [200, ['cache-control', 'max-age=60', 'cache-control', 'no-store'], 2],
    // A cookie of a refusal is relayed, and is one client's own.
    [401, { 'set-cookie': 'a=1' }, 2],
    [200, { 'set-cookie': 'a=1' }, 1],
  ])('keeps an answer of %d with %j where that is right', async (status, headers, times) => {
    const path = await put({ cache: { ttl: 60 }, client_headers: ['Set-Cookie'] });
    answer = (_, response) => {
      response.writeHead(status, headers).end();
    };

    // The path of the first request was asked for before.
    await ask(path, { target: `${path}/kept` });
    await ask(path, { target: `${path}/kept` });

    expect(authorizer.received).toHaveLength(times);
  });

  it('asks again where the same body comes in another encoding', async () => {
    const path = await put({ cache: { ttl: 60 }, request_method: 'POST' });
    const post = (encoding: string) =>
      ask(path, { method: 'POST', body: 'same', headers: [['content-encoding', encoding]] });

    await post('identity');
    await post('x-other');

    expect(authorizer.received).toHaveLength(2);
  });
});
