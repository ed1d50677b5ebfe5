/** Events that no socket of ours can make: what another front may hand over, and what is no request at all. */

import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { splitPrelude } from '../../local/prelude.ts';
import {
  createEnvironmentPool,
  type EnvironmentPool,
} from '../../local/runtime/environment-pool.ts';
import { proxyEnv } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH } from '../../local/stack/seeds.ts';
import { toEvent } from '../support/builders.ts';
import { createVerifier, startUpstream, type Upstream } from '../support/upstream.ts';

interface Answer {
  readonly status: number | undefined;
  readonly code: unknown;
  readonly body: string;
}

describe('a hostile event', () => {
  let store: ParameterStore;
  let upstream: Upstream;
  let pool: EnvironmentPool;

  beforeAll(async () => {
    upstream = await startUpstream({ verifier: createVerifier() });
    store = await startParameterStore();
    const plugin = {
      function_uri: `${upstream.url}/base`,
      authorization: { iam: {} },
      timeout: 10_000,
    };
    store.call('PutParameter', {
      Name: `${LOCAL_PARAMETER_PATH}/routes/any`,
      Value: JSON.stringify({ uri: '/*', plugins: { 'aws-lambda': plugin } }),
      Type: 'String',
    });
    pool = createEnvironmentPool({
      taskRoot: join(import.meta.dirname, '..', '..', 'dist', 'proxy'),
      env: { ...proxyEnv(store.url), COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });
  });

  afterAll(() => Promise.all([pool.close(), store.close(), upstream.close()]));

  beforeEach(() => {
    upstream.received.length = 0;
  });

  const invoke = async (event: unknown): Promise<Answer> => {
    const result = await pool.invoke(event, { timeoutMs: 20_000 });
    if (result.kind !== 'stream') throw new Error(`the function answered with ${result.kind}`);
    const { prelude, body } = await splitPrelude(result.body as AsyncIterable<Buffer>);
    const code = prelude.headers?.['countersign-error'];
    return { status: prelude.statusCode, code, body: await text(body) };
  };
  const arrive = async (parts: Parameters<typeof toEvent>[0]) => {
    expect(await invoke(toEvent(parts))).toMatchObject({ status: 200, code: undefined });
    const received = upstream.only();
    expect(received.verification).toMatchObject({ ok: true });
    return received;
  };

  it.each([
    ['raw UTF-8', '/café/λ', '/base/caf%C3%A9/%CE%BB'],
    ['a space', '/a b', '/base/a%20b'],
    [
      'a second request',
      '/a HTTP/1.1\r\nhost: evil\r\n\r\nGET /b',
      '/base/a%20HTTP/1.1%0D%0Ahost:%20evil%0D%0A%0D%0AGET%20/b',
    ],
    ['a tab and DEL', '/a\tb\x7f', '/base/a%09b%7F'],
    ['a fragment', '/a#b', '/base/a%23b'],
    ['a question mark that was decoded', '/a?b', '/base/a%3Fb'],
    ['a character beyond the basic plane', '/😀', '/base/%F0%9F%98%80'],
    ['nothing', '', '/base/'],
  ])('with %s in its path arrives encoded', async (_, rawPath, target) => {
    expect((await arrive({ rawPath })).target).toBe(target);
  });

  it.each([
    ['raw UTF-8', 'é=λ', '%C3%A9=%CE%BB'],
    ['a space', 'a b', 'a%20b'],
    ['a second request', 'a HTTP/1.1\r\nhost: evil', 'a%20HTTP/1.1%0D%0Ahost:%20evil'],
    ['a fragment', 'a#b', 'a%23b'],
    ['a NUL', 'a\0b', 'a%00b'],
  ])('with %s in its query arrives encoded', async (_, rawQueryString, query) => {
    expect((await arrive({ rawQueryString })).target).toBe(`/base/?${query}`);
  });

  it.each([
    ['Latin-1', 'caf\xe9', 'caf\xe9'],
    ['a character outside Latin-1', 'λ', '\xce\xbb'],
  ])('with %s in a header arrives with it, as bytes', async (_, value, sent) => {
    const received = await arrive({ headers: { host: 'h', 'X-Odd': value, Authorization: value } });

    expect(received.header('x-odd')).toBe(sent);
    expect(received.header('x-original-authorization')).toBe(sent);
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'with a header called %s arrives with it',
    async (name) => {
      const headers = JSON.parse(`{"host":"h","connection":"x-one","${name}":"value"}`);

      expect((await arrive({ headers })).header(name.toLowerCase())).toBe('value');
    },
  );

  it('with cookies in their own list only arrives with them, in one header', async () => {
    const received = await arrive({ headers: { host: 'h' }, cookies: ['a=1', 'b=2'] });

    expect(received.rawHeaders.filter(([name]) => name === 'cookie')).toEqual([
      ['cookie', 'a=1; b=2'],
    ]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a string', 'x'],
    ['a list', []],
    ['an empty object', {}],
    ['an event of another kind', { Records: [] }],
    ['a REST API event', { httpMethod: 'GET', path: '/', headers: {} }],
    ['a path that is no string', toEvent({ rawPath: 1 })],
    ['a path without a slash', toEvent({ rawPath: '*' })],
    ['a query that is no string', toEvent({ rawQueryString: {} })],
    ['a method that is no token', toEvent({ method: 'GET / HTTP/1.1\r\n' })],
    ['an empty method', toEvent({ method: '' })],
    ['headers that are a list', toEvent({ headers: [] })],
    ['a header that is a number', toEvent({ headers: { 'x-a': 1 } })],
    ['a line break in a header', toEvent({ headers: { 'x-a': '1\r\nx-amz-date: 2' } })],
    ['a NUL in a header', toEvent({ headers: { 'x-a': '1\0' } })],
    ['a line break in a name', toEvent({ headers: { 'x-a\r\nx-b': '1' } })],
    ['an empty name', toEvent({ headers: { '': '1' } })],
    ['a line break in a cookie', toEvent({ headers: {}, cookies: ['a=1\r\nx: y'] })],
    ['cookies that are numbers', toEvent({ headers: {}, cookies: [1] })],
    ['a body that is an object', toEvent({ method: 'POST', body: {} })],
    [
      'base64 with other characters',
      toEvent({ method: 'POST', body: 'YWJj!!!!', isBase64Encoded: true }),
    ],
    ['base64 that is cut', toEvent({ method: 'POST', body: 'YWJjZ', isBase64Encoded: true })],
    [
      'text that is called base64',
      toEvent({ method: 'POST', body: '{"a": 1}', isBase64Encoded: true }),
    ],
  ])('that is malformed is a 400, and the next one is served: %s', async (_, event) => {
    const answer = await invoke(event);

    expect(answer).toMatchObject({ status: 400, code: 'MALFORMED_REQUEST' });
    expect(upstream.received).toHaveLength(0);
    await arrive({});
  });

  it.each(['/a/../b', '/a/%2e%2e/b', '/..\\', '/a\0b', '/.'])(
    'cannot leave the base with %j',
    async (rawPath) => {
      expect(await invoke(toEvent({ rawPath }))).toMatchObject({
        status: 400,
        code: 'UNSAFE_PATH',
      });
      expect(upstream.received).toHaveLength(0);
    },
  );

  it.each(['CONNECT', 'connect'])('that asks for a tunnel by %s is refused', async (method) => {
    expect(await invoke(toEvent({ method }))).toMatchObject({
      status: 405,
      code: 'METHOD_NOT_ALLOWED',
    });
    expect(upstream.received).toHaveLength(0);
  });

  it('may come without host, peer and protocol', async () => {
    const received = await arrive({ headers: {} });

    expect(received.header('host')).toBe(new URL(upstream.url).host);
  });
});
