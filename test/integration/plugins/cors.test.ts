/** What browsers are told about other origins. */
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';

const allow = 'access-control-allow-origin';
const specified = {
  allow_origins: 'http://sub.domain.com,http://sub2.domain.com',
  allow_methods: 'GET,POST',
  allow_headers: 'headr1,headr2',
  expose_headers: 'ex-headr1,ex-headr2',
  max_age: 50,
  allow_credential: true,
};
const force = { allow_origins: '**', allow_methods: '**', allow_headers: '**' };

/** What an upstream that has its own opinion says. */
const ofUpstream = {
  [allow]: '*',
  'access-control-allow-methods': 'DELETE',
  'access-control-allow-headers': 'x-theirs',
  'access-control-allow-credentials': 'true',
  'access-control-allow-private-network': 'true',
  'access-control-max-age': '10',
  'access-control-expose-headers': 'x-exposed',
  'timing-allow-origin': '*',
  vary: 'Via',
};

describe('cors', () => {
  let guarded: Guarded;

  const corsOf = (list: readonly (readonly [string, string])[]) =>
    Object.fromEntries(list.filter(([name]) => /^(access-control|timing|vary)/.test(name)));
  const ask = async (route: string, origin?: string, more: readonly [string, string][] = []) => {
    const origins = origin === undefined ? [] : [['origin', origin] as const];
    const response = await guarded.ask(route, headers(...origins, ...more));
    return { status: response.status, ...corsOf(response.headers) };
  };

  beforeAll(async () => {
    guarded = await startGuarded(
      {
        plain: { cors: {} },
        specified: { cors: specified },
        force: { cors: { ...force, expose_headers: '*' } },
        credentials: { cors: { ...force, allow_credential: true } },
        regex: {
          cors: {
            allow_origins_by_regex: ['http://.*\\.domain\\.com', '^https://exact$'],
            allow_methods: 'GET,POST',
            timing_allow_origins_by_regex: ['http://.*\\.domain\\.com'],
          },
        },
        timing: { cors: { timing_allow_origins: 'http://timed.example,http://other.example' } },
        opaque: { cors: { allow_origins: 'null' } },
        quiet: { cors: { allow_methods: '', allow_headers: '', max_age: -1 } },
        overwritten: { cors: { ...specified, timing_allow_origins: 'http://timed.example' } },
        kept: { cors: {} },
        guarded: { cors: specified, 'key-auth': {} },
        broken: { cors: specified, 'aws-lambda': { function_uri: 'http://127.0.0.1:1/' } },
      },
      {
        answer: ({ target }, response) => {
          if (target.startsWith('/own')) response.setHeaders(new Map(Object.entries(ofUpstream)));
          response.end('ok');
        },
      },
    );
  });

  afterAll(() => guarded.close());

  it('allows every origin by default, as APISIX does', async () => {
    const expected = {
      status: 200,
      [allow]: '*',
      'access-control-allow-methods': '*',
      'access-control-allow-headers': '*',
      'access-control-max-age': '5',
    };

    expect(await ask('plain')).toEqual(expected);
    expect(await ask('plain', 'https://anyone.example')).toEqual(expected);
  });

  it.each(['http://sub.domain.com', 'http://sub2.domain.com'])('allows %s', async (origin) => {
    expect(await ask('specified', origin)).toEqual({
      status: 200,
      vary: 'Origin',
      [allow]: origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'headr1,headr2',
      'access-control-expose-headers': 'ex-headr1,ex-headr2',
      'access-control-max-age': '50',
      'access-control-allow-credentials': 'true',
    });
  });

  it.each([
    ['specified', 'http://sub3.domain.com'],
    ['specified', 'http://sub.domain.com.evil.example'],
    ['specified', 'http://sub.domain.com,http://sub2.domain.com'],
    ['specified', 'http://SUB.domain.com'],
    ['specified', 'null'],
    ['specified', ''],
    ['specified', undefined],
    ['regex', 'http://domain.com'],
    ['regex', 'http://a.domain.com.evil.example'],
    ['regex', 'http://a.domain.com.evil.example/.domain.com,'],
    ['regex', 'https://exactly'],
    ['regex', undefined],
    ['opaque', 'http://sub.domain.com'],
  ])('on %s, %j is told nothing but that it depends', async (route, origin) => {
    expect(await ask(route, origin)).toEqual({ status: 200, vary: 'Origin' });
  });

  it('matches expressions to the end of the origin', async () => {
    expect(await ask('regex', 'http://a.b.domain.com')).toMatchObject({
      [allow]: 'http://a.b.domain.com',
      'timing-allow-origin': 'http://a.b.domain.com',
      vary: 'Origin',
    });
    const exact = await ask('regex', 'https://exact');
    expect(exact).toMatchObject({ [allow]: 'https://exact' });
    expect(exact).not.toHaveProperty('timing-allow-origin');
  });

  it('says `**` with the names that were asked for', async () => {
    const asked: [string, string][] = [
      ['access-control-request-headers', 'req-header1, req-header2'],
    ];

    expect(await ask('force', 'https://sub.domain.com', asked)).toEqual({
      status: 200,
      vary: 'Origin',
      [allow]: 'https://sub.domain.com',
      'access-control-allow-methods': 'GET,POST,PUT,DELETE,PATCH,HEAD,OPTIONS,CONNECT,TRACE',
      'access-control-allow-headers': 'req-header1, req-header2',
      'access-control-expose-headers': '*',
      'access-control-max-age': '5',
    });
    expect(await ask('force')).toMatchObject({ [allow]: '*' });
    expect(await ask('force')).not.toHaveProperty('access-control-allow-headers');
  });

  it('echoes nothing that is no list of names and no origin', async () => {
    const odd: [string, string][] = [['access-control-request-headers', 'a: b\t"x"']];

    const echoed = await ask('credentials', 'https://a.example,https://b.example', odd);

    expect(echoed).toMatchObject({ [allow]: '*' });
    expect(echoed).not.toHaveProperty('access-control-allow-headers');
    expect(echoed).not.toHaveProperty('access-control-allow-credentials');
  });

  it('sets timing-allow-origin for the allowed origins', async () => {
    expect(await ask('timing', 'http://timed.example')).toMatchObject({
      [allow]: '*',
      'timing-allow-origin': 'http://timed.example',
      vary: 'Origin',
    });
    expect(await ask('timing', 'http://else.example')).not.toHaveProperty('timing-allow-origin');
  });

  it('omits empty settings, and sends -1 unchanged', async () => {
    expect(await ask('quiet')).toEqual({
      status: 200,
      [allow]: '*',
      'access-control-max-age': '-1',
    });
  });

  describe('a preflight', () => {
    const preflight = (route: string, more: readonly [string, string][] = []) =>
      guarded.ask(route, {
        method: 'OPTIONS',
        headers: [
          ['origin', 'http://sub.domain.com'],
          ['access-control-request-method', 'DELETE'],
          ...more,
        ],
      });

    it.each(['specified', 'guarded', 'broken'])(
      'on %s is answered before credentials are asked for, and by nobody else',
      async (route) => {
        const before = guarded.upstream.received.length;

        const response = await preflight(route);

        expect([response.status, response.text()]).toEqual([200, '']);
        expect(response.header(allow)).toBe('http://sub.domain.com');
        expect(response.header('access-control-allow-methods')).toBe('GET,POST');
        expect(response.header('countersign-error')).toBeUndefined();
        expect(guarded.upstream.received).toHaveLength(before);
      },
    );

    it('without an origin is answered as well, as in APISIX', async () => {
      const response = await guarded.ask('plain', { method: 'OPTIONS' });

      expect([response.status, response.text(), response.header(allow)]).toEqual([200, '', '*']);
    });
  });

  it.each([
    ['guarded', 401, 'UNAUTHENTICATED'],
    ['broken', 502, 'UPSTREAM_UNREACHABLE'],
  ])('on %s, a page can read our own %s', async (route, status, code) => {
    const response = await guarded.ask(route, headers(['origin', 'http://sub.domain.com']));

    expect([response.status, response.header('countersign-error')]).toEqual([status, code]);
    expect(response.header(allow)).toBe('http://sub.domain.com');
    expect(response.header('vary')).toBe('Origin');
    expect(response.json()).toMatchObject({ code });
  });

  it("stands in the place of the upstream's own headers", async () => {
    const get = (origin: string) =>
      guarded.ask('overwritten', { target: '/own', ...headers(['origin', origin]) });

    expect(corsOf((await get('http://sub.domain.com')).headers)).toEqual({
      vary: 'Via, Origin',
      [allow]: 'http://sub.domain.com',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'headr1,headr2',
      'access-control-expose-headers': 'ex-headr1,ex-headr2',
      'access-control-max-age': '50',
      'access-control-allow-credentials': 'true',
    });
    expect(corsOf((await get('http://evil.example')).headers)).toEqual({ vary: 'Via, Origin' });
  });

  it('leaves alone what it is not told about', async () => {
    const response = await guarded.ask('kept', { target: '/own' });

    expect(response.header('access-control-expose-headers')).toBe('x-exposed');
    expect(response.header('timing-allow-origin')).toBe('*');
    expect(response.header('access-control-allow-credentials')).toBeUndefined();
  });
});
