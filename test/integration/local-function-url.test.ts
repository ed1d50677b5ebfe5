/** The function URL front, over real sockets; functions run in this process where that is enough. */
import { request as httpRequest } from 'node:http';
import aws4 from 'aws4';
import { createDeferred } from '../../local/deferred.ts';
import { invokeInProcess } from '../../local/invoke.ts';
import { createLocalVerifier, LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { send } from '../support/client.ts';
import { closeAll, start, startFixture } from '../support/local-fixtures.ts';

const MEGABYTE = 1024 * 1024;
const echoEvent = invokeInProcess((event) => ({ statusCode: 200, body: JSON.stringify(event) }));
const result = (value: unknown) => start(invokeInProcess(() => value));

afterEach(closeAll);

describe('a request', () => {
  test('reaches the function as it was on the wire', async () => {
    const url = await start(echoEvent);
    const response = await send(url, {
      method: 'PUT',
      target: '/a//%2e%2E/b%2Fc;d?x=%FF&x=100%&flag',
      headers: [
        ['X-Two', '1'],
        ['x-two', '2'],
        ['Content-Type', 'application/json'],
      ],
      body: '{"λ":1}',
    });
    expect(response.json()).toMatchObject({
      rawPath: '/a//%2e%2E/b%2Fc;d',
      rawQueryString: 'x=%FF&x=100%&flag',
      headers: { 'x-two': '1,2', 'content-length': '8', 'x-forwarded-for': '127.0.0.1' },
      requestContext: { http: { method: 'PUT', sourceIp: '127.0.0.1' } },
      body: '{"λ":1}',
      isBase64Encoded: false,
    });
  });

  test('keeps a trace id that it brings, and gets one otherwise', async () => {
    const url = await start(echoEvent);
    const brought = await send(url, { target: '/', headers: [['X-Amzn-Trace-Id', 'Root=1-x']] });
    expect(brought.json()).toMatchObject({ headers: { 'x-amzn-trace-id': 'Root=1-x' } });
    const created = await send(url, { target: '/' });
    const id = created.header('x-amzn-trace-id');
    expect(id).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(created.json()).toMatchObject({ headers: { 'x-amzn-trace-id': id } });
  });

  test.each(['TRACE', 'PROPFIND'])('by %s is refused', async (method) => {
    expect((await send(await start(echoEvent), { method, target: '/' })).status).toBe(405);
  });

  test.each([
    ['of 6 MB of text passes', 'text/plain', 6 * MEGABYTE, 200],
    ['of more is refused', 'text/plain', 6 * MEGABYTE + 1, 413],
    ['of 4.5 MB of binary passes', 'image/png', 4.5 * MEGABYTE, 200],
    ['of more is refused: base64 counts', 'image/png', 4.5 * MEGABYTE + 1, 413],
  ])('%s', async (_, type, length, status) => {
    const url = await start(invokeInProcess(() => ({ statusCode: 200 })));
    const headers = [['Content-Type', type]] as const;
    const body = Buffer.alloc(length, 97);
    const response = await send(url, { method: 'POST', target: '/', headers, body });
    expect(response.status).toBe(status);
    if (status === 413) {
      expect(response.header('x-amzn-errortype')).toBe('RequestEntityTooLargeException');
    }
  });

  test('whose chunked body grows beyond the limit is refused', async () => {
    const url = await start(echoEvent);
    const outgoing = httpRequest(url, { method: 'POST' });
    const response = createDeferred<number>();
    outgoing.on('response', (incoming) => response.resolve(incoming.statusCode ?? 0));
    outgoing.write(Buffer.alloc(4 * MEGABYTE));
    outgoing.end(Buffer.alloc(4 * MEGABYTE));
    expect(await response.promise).toBe(413);
  });

  test.each([
    [1000 * 1024, 200],
    [1025 * 1024, 431],
  ])('with %d bytes of headers answers %d', async (length, status) => {
    const headers = [['X-Long', 'x'.repeat(length)]] as const;
    const url = await start(invokeInProcess(() => ({ statusCode: 200 })));
    expect((await send(url, { target: '/', headers })).status).toBe(status);
  });
});

describe('a buffered result', () => {
  test('is status, headers, cookies and body', async () => {
    const response = await send(
      await result({
        ...{
          statusCode: 418,
          headers: { 'X-A': 'b', Connection: 'close' },
          cookies: ['a=1', 'b=2'],
        },
        ...{ body: 'AP8=', isBase64Encoded: true },
      }),
      { target: '/' },
    );
    expect(response.status).toBe(418);
    expect([...response.body]).toEqual([0, 0xff]);
    expect(response.header('x-a')).toBe('b');
    expect(response.headers.filter(([name]) => name === 'set-cookie')).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
  });

  test.each([
    ['an object', { hello: 'world' }, '{"hello":"world"}'],
    ['a string', 'plain', 'plain'],
    ['nothing', undefined, 'null'],
  ])('of %s without a status is a JSON body with status 200', async (_, value, body) => {
    const response = await send(await result(value), { target: '/' });
    expect(response.status).toBe(200);
    expect(response.header('content-type')).toBe('application/json');
    expect(response.text()).toBe(body);
  });

  test('is not unpacked in RESPONSE_STREAM mode', async () => {
    const invoke = invokeInProcess(() => ({ statusCode: 404, body: 'x' }));
    const url = await start(invoke, { invokeMode: 'RESPONSE_STREAM' });
    const response = await send(url, { target: '/' });
    expect([response.status, response.json()]).toEqual([200, { statusCode: 404, body: 'x' }]);
  });

  test.each([
    ['a header that no header can be', { statusCode: 200, headers: { 'x-a': 'a\r\nb' } }],
    ['a status that is none', { statusCode: 9999 }],
  ])('with %s is a 502', async (_, value) => {
    const response = await send(await result(value), { target: '/' });
    expect([response.status, response.json()]).toEqual([502, { Message: 'Internal Server Error' }]);
  });
});

describe('a function that fails', () => {
  test.each(['throwing', 'crashing', 'throwsFirst', 'destroys'])(
    'by %s is a 502 and no more',
    async (handler) => {
      const response = await send(await startFixture(handler), { target: '/' });
      expect([response.status, response.json()]).toEqual([
        502,
        { Message: 'Internal Server Error' },
      ]);
      expect(response.header('x-amzn-errortype')).toBe('InternalServerErrorException');
    },
  );

  test('by its timeout is a 502', async () => {
    const url = await startFixture('hanging', { timeoutMs: 100 });
    expect((await send(url, { target: '/' })).status).toBe(502);
  });

  test('by having no room is a 429', async () => {
    const response = await send(await start(async () => ({ kind: 'throttled' })), { target: '/' });
    expect(response.status).toBe(429);
    expect(response.header('x-amzn-errortype')).toBe('TooManyRequestsException');
  });
});

describe('a URL that demands IAM', () => {
  const verifier = createLocalVerifier('lambda');

  test('refuses a request without a signature, before any function sees it', async () => {
    const url = await start(() => Promise.reject(new Error('invoked')), { verifier });
    const response = await send(url, { target: '/' });
    expect([response.status, response.json()]).toEqual([403, { Message: 'Forbidden' }]);
    expect(response.header('x-amzn-errortype')).toBe('AccessDeniedException');
  });

  test('passes a signed request on with its caller and without its signature', async () => {
    const url = await start(echoEvent, { verifier });
    const { accessKeyId } = LOCAL_CREDENTIALS;
    const signed = aws4.sign(
      { host: new URL(url).host, path: '/x?y=z', service: 'lambda', region: 'us-east-1' },
      { ...LOCAL_CREDENTIALS },
    );
    const headers = Object.entries(signed.headers ?? {}).map(
      ([name, value]) => [name, String(value)] as const,
    );
    const event = (await send(url, { target: '/x?y=z', headers })).json();
    expect(event).toMatchObject({
      requestContext: {
        accountId: '123456789012',
        authorizer: { iam: { accessKey: accessKeyId } },
      },
    });
    expect(event['headers']).not.toHaveProperty('authorization');
  });
});
