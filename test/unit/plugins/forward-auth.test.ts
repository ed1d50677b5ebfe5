import type { Exchange } from '../../../functions/proxy/chain/exchange.ts';
import type { ProxyError } from '../../../functions/proxy/http/errors.ts';
import { forwardAuth } from '../../../functions/proxy/plugins/authentication/forward-auth/forward-auth.ts';
import {
  functionUrlHost,
  toExchange,
  toRequest,
  toResponse,
  toServices,
} from '../../support/builders.ts';
import { createFakePool, parseRequest } from '../../support/fake-pool.ts';

const uri = 'https://auth.example.com/check?realm=a';

function toAnswer(status = 200, headers = '', body = ''): string {
  return `HTTP/1.1 ${status} x\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;
}

/** Plays the answers of an authorizer in turn, the last one for ever. */
function prepare(config: object, ...answers: readonly string[]) {
  let asked = 0;
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5) };
  const pool = createFakePool(() => {
    asked += 1;
    return answers[Math.min(asked, answers.length) - 1] ?? toAnswer();
  });
  const services = { ...toServices({ pool }), now: () => clock.ms };
  const written = { uri, ...config };
  const prepared = forwardAuth.prepare(written, services, { pointer: '/it', written });
  const passed: Exchange[] = [];
  const ask = async (exchange: Partial<Exchange> = {}) => {
    try {
      const response = await prepared.middleware(toExchange(exchange), async (handed) => {
        passed.push(handed);
        return toResponse({ status: 201 });
      });
      return response.status;
    } catch (error) {
      return error as ProxyError;
    }
  };
  const told = () => pool.requests().map(parseRequest);
  return { ask, told, passed, prepared, services, clock };
}

const by = (headers: Record<string, string>, more: object = {}): Partial<Exchange> => ({
  request: toRequest({ headers, ...more }),
});

describe('what the authorizer is told', () => {
  test('it is what the request is, and nothing of the client that is not listed', async () => {
    const { ask, told } = prepare({ request_headers: ['X-Tenant', 'x-missing'] });
    const request = { method: 'DELETE', path: '//a%20b', query: 'q=1', host: '日.example' };

    expect(await ask(by({ 'x-tenant': '日', authorization: 'x' }, request))).toBe(201);
    const [{ line, rawHeaders } = parseRequest()] = told();
    expect(line).toBe('GET /check?realm=a HTTP/1.1');
    expect(Object.fromEntries(pairs(rawHeaders))).toEqual({
      host: 'auth.example.com',
      'x-forwarded-proto': 'https',
      'x-forwarded-method': 'DELETE',
      'x-forwarded-host': Buffer.from('日.example').toString('latin1'),
      'x-forwarded-uri': '/a%20b?q=1',
      'x-forwarded-for': '192.0.2.7',
      'x-tenant': Buffer.from('日').toString('latin1'),
      Connection: 'close',
    });
  });

  test('a path without a query ends without `?`', async () => {
    const { ask, told } = prepare({});
    await ask(by({}, { path: '/a' }));

    expect(told()[0]?.header('x-forwarded-uri')).toEqual(['/a']);
  });

  test('a document may add headers, with variables, but not replace those of the proxy', async () => {
    const extra_headers = {
      'X-By': 'me',
      'x-what': '$request_method $arg_id',
      'x-none': '$arg_none',
      x_forwarded_for: 'spoofed',
    };
    const { ask, told } = prepare({ extra_headers, request_headers: ['x-by', 'x-forwarded-host'] });
    await ask(by({ 'x-by': 'client', 'x-forwarded-host': 'spoofed' }, { query: 'id=9' }));

    const [{ header } = parseRequest()] = told();
    const names = ['x-by', 'x-what', 'x-none', 'x_forwarded_for', 'x-forwarded-host'];
    expect(names.map(header)).toEqual([['me'], ['GET 9'], [], [], ['proxy.example.com']]);
  });

  test.each([
    [{}, '', undefined],
    [{ request_method: 'POST' }, 'hello', 'gzip'],
  ])('under %j the body is %j', async (config, body, encoding) => {
    const { ask, told } = prepare(config);
    await ask(by({ 'content-encoding': 'gzip' }, { body: Buffer.from('hello') }));

    const [request = parseRequest()] = told();
    expect(request.body).toBe(body);
    expect(request.header('content-encoding')[0]).toBe(encoding);
    expect(request.header('content-length')).toEqual(body === '' ? [] : ['5']);
  });

  test('an empty body has no encoding', async () => {
    const { ask, told } = prepare({ request_method: 'POST' });
    await ask(by({ 'content-encoding': 'gzip' }));

    expect(told()[0]?.header('content-encoding')).toEqual([]);
  });

  test.each([
    [5, 201],
    [4, 'BODY_TOO_LARGE'],
  ])(
    'with a limit of %i bytes a body of five is answered %s',
    async (max_req_body_size, expected) => {
      const { ask } = prepare({ request_method: 'POST', max_req_body_size });
      const outcome = await ask(by({}, { body: Buffer.from('hello') }));

      expect(typeof outcome === 'number' ? outcome : outcome.code).toBe(expected);
    },
  );

  test.each([
    [{}, 'authorization', false],
    [{ iam: {} }, 'x-original-authorization', true],
  ])('under %j the client’s authorization travels as %s', async (authorization, name, isSigned) => {
    const own = { uri: `https://${functionUrlHost}/`, authorization };
    const { ask, told } = prepare({ ...own, request_headers: ['authorization'] });
    await ask(by({ authorization: 'Bearer x' }));

    const [request = parseRequest()] = told();
    expect(request.header(name)).toEqual(['Bearer x']);
    expect(/AWS4.*eu-west-1\/lambda/.test(request.header('authorization')[0] ?? '')).toBe(isSigned);
  });

  test('another spelling of a header that it decides by does not go upstream', async () => {
    const extra_headers = { 'x-a': '$http_x_role' };
    const { ask, passed } = prepare({ request_headers: ['x-tenant'], extra_headers });
    await ask(by({ x_tenant: 'a', 'x.role': 'b', x_other: 'c' }));

    expect(Object.keys(passed[0]?.request.headers ?? {})).toEqual(['x_other']);
  });
});

describe('its answer', () => {
  test.each([200, 204, 299])('%i lets the request pass', async (status) => {
    expect(await prepare({}, toAnswer(status)).ask()).toBe(201);
  });

  test.each([
    [300, 'FORBIDDEN'],
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [500, 'FORBIDDEN'],
  ])('%i becomes the response, with the headers that are listed', async (status, code) => {
    const headers =
      'content-type: text/x\r\nwww-authenticate: Basic\r\nx-a: 1\r\nx-b: 2\r\nset-cookie: c=1\r\n';
    const { ask } = prepare(
      { client_headers: ['X-A', 'set-cookie'] },
      toAnswer(status, headers, 'no'),
    );

    expect(await ask()).toMatchObject({
      code,
      message: 'the authorizer refused',
      headers: { 'content-type': 'text/x', 'www-authenticate': 'Basic', 'x-a': '1' },
      answer: { status, body: Buffer.from('no'), cookies: ['c=1'] },
    });
    const shown = ((await ask()) as ProxyError).headers;
    expect(shown).not.toHaveProperty('x-b');
  });

  test('its listed headers identify the client for the upstream, those that are missing too', async () => {
    const { ask, passed, prepared } = prepare(
      { upstream_headers: ['X-User', 'x-role'] },
      toAnswer(200, 'x-user: a\r\nx-user: b\r\nx-other: c\r\n'),
    );
    await ask({ identity: new Map([['x-before', '1']]) });

    expect([...(passed[0]?.identity ?? [])]).toEqual([
      ['x-before', '1'],
      ['x-user', 'a, b'],
      ['x-role', undefined],
    ]);
    expect(prepared).toMatchObject({
      name: 'forward-auth',
      identityHeaders: ['x-user', 'x-role'],
    });
  });
});

describe('no answer', () => {
  const broken = 'no HTTP\r\n\r\n';

  test('refuses the request with the status of the document', async () => {
    const [usual, own] = [prepare({}, broken), prepare({ status_on_error: 503 }, broken)];

    expect(await usual.ask()).toMatchObject({
      code: 'ACCESS_UNDECIDED',
      message: 'auth.example.com gave no answer',
      answer: { status: 403 },
      cause: { code: 'UPSTREAM_INVALID_RESPONSE' },
    });
    expect(await own.ask()).toMatchObject({ answer: { status: 503 } });
  });

  test('lets the request pass where the document says so, without what it would have said', async () => {
    const config = { allow_degradation: true, upstream_headers: ['x-user'] };
    const { ask, passed, services, prepared } = prepare(config, broken);

    expect(await ask()).toBe(201);
    expect(passed[0]?.identity.has('x-user')).toBe(true);
    expect(passed[0]?.identity.get('x-user')).toBeUndefined();
    expect(services.logged).toEqual([
      { message: expect.stringContaining('unasked'), fields: { error: expect.anything() } },
    ]);
    expect([prepared.isAccessPlugin, prepare({}).prepared.isAccessPlugin]).toEqual([false, true]);
  });

  test('does not let a refusal pass, or an error of the request', async () => {
    const config = { allow_degradation: true, request_method: 'POST', max_req_body_size: 1 };
    const { ask } = prepare(config, toAnswer(403));

    expect(await ask()).toMatchObject({ code: 'FORBIDDEN' });
    expect(await ask(by({}, { body: Buffer.from('xx') }))).toMatchObject({
      code: 'BODY_TOO_LARGE',
    });
  });

  test('is also an answer of more than 256 KiB', async () => {
    const [fits, exceeds] = [256 * 1024, 256 * 1024 + 1].map((bytes) =>
      prepare({}, toAnswer(200, '', 'x'.repeat(bytes))),
    );

    expect(await fits?.ask()).toBe(201);
    expect(await exceeds?.ask()).toMatchObject({ code: 'ACCESS_UNDECIDED' });
  });
});

describe('its connections', () => {
  test.each([
    [{}, { keepalive: true, poolSize: 5, idleTimeoutMs: 60_000, verifyTls: true }, 0],
    [{ ssl_verify: false }, { verifyTls: false }, 1],
    [{ ssl_verify: false, uri: `https://${functionUrlHost}/` }, { verifyTls: true }, 1],
    [
      { keepalive: false, keepalive_pool: 2, keepalive_timeout: 1000 },
      { keepalive: false, poolSize: 2, idleTimeoutMs: 1000 },
      0,
    ],
  ])('under %j are %j', (config, settings, warnings) => {
    const { services } = prepare(config);

    expect(services.connections.map((each) => each.settings)).toMatchObject([settings]);
    expect(services.warnings).toHaveLength(warnings);
  });

  test('are those of a service, which need not be an AWS endpoint', () => {
    const purposes: unknown[] = [];
    const connect = (...parts: readonly unknown[]) => {
      purposes.push(parts[2]);
      return createFakePool('');
    };
    const written = { uri };
    forwardAuth.prepare(written, { ...toServices(), connect }, { pointer: '', written });

    expect(purposes).toEqual(['service']);
  });
});

function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? '']] : []));
}
