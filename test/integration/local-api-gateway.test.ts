/** The API Gateway front: a REST API with IAM and API keys, over real sockets. */
import aws4 from 'aws4';
import { type ApiResource, startApiGateway } from '../../local/api-gateway/api-gateway.ts';
import type { Listening } from '../../local/http-server.ts';
import { invokeInProcess, streamInProcess } from '../../local/invoke.ts';
import { createLocalVerifier, LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { type ClientRequest, send } from '../support/client.ts';

const fronts: Listening[] = [];
const echo = invokeInProcess((event) => ({ statusCode: 200, body: JSON.stringify(event) }));

async function start(...resources: ApiResource[]): Promise<string> {
  const front = await startApiGateway({
    ...{ stage: 'prod', resources, apiKeys: ['the-key'] },
    verifier: createLocalVerifier('execute-api'),
  });
  fronts.push(front);
  return front.url;
}

const open = (path: string, more: Partial<ApiResource> = {}): ApiResource => ({
  ...{ path, invoke: echo, authorization: 'NONE' },
  ...more,
});

async function refusal(url: string, request: ClientRequest) {
  const response = await send(url, request);
  return [response.status, response.header('x-amzn-errortype'), response.json()['message']];
}

const FORBIDDEN = [403, 'ForbiddenException', 'Forbidden'];
const NO_TOKEN = [403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'];

afterEach(async () => {
  await Promise.all(fronts.splice(0).map((front) => front.close()));
});

test('a handler gets a REST event', async () => {
  const url = await start(open('/users/{id}'));
  const response = await send(url, {
    method: 'POST',
    target: '/prod/users/a%20b?q=1&q=2&name=%C3%A9',
    headers: [
      ['X-Two', '1'],
      ['X-Two', '2'],
      ['Content-Type', 'application/json'],
    ],
    body: '{}',
  });
  expect(response.json()).toMatchObject({
    resource: '/users/{id}',
    path: '/users/a%20b',
    httpMethod: 'POST',
    headers: { 'X-Two': '2' },
    multiValueHeaders: { 'X-Two': ['1', '2'] },
    queryStringParameters: { q: '2', name: 'é' },
    multiValueQueryStringParameters: { q: ['1', '2'], name: ['é'] },
    pathParameters: { id: 'a b' },
    requestContext: { stage: 'prod', path: '/prod/users/a%20b', resourcePath: '/users/{id}' },
    body: '{}',
    isBase64Encoded: false,
  });
});

test('absent members are null', async () => {
  const response = await send(await start(open('/')), { target: '/prod' });
  expect(response.json()).toMatchObject({
    ...{ queryStringParameters: null, multiValueQueryStringParameters: null },
    ...{ pathParameters: null, body: null, isBase64Encoded: false },
  });
});

test('a body that is no text comes as base64', async () => {
  const request = { method: 'PUT', target: '/prod/x', body: Buffer.from([0, 255]) };
  const response = await send(await start(open('/{proxy+}')), request);
  expect(response.json()).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
});

describe('a path', () => {
  test.each([
    ['/prod/users', '/users'],
    ['/prod/users/7', '/users/{id}'],
    ['/prod/files/a/b%2Fc', '/files/{path+}'],
    ['/prod/a.c', '/a.c'],
  ])('%s is matched by %s', async (target, resource) => {
    const url = await start(
      ...[open('/users'), open('/users/{id}'), open('/files/{path+}'), open('/a.c')],
    );
    expect((await send(url, { target })).json()).toMatchObject({ resource });
  });

  test.each([
    '/prod',
    '/prod/users/',
    '/prod/users/7/x',
    '/prod/files/',
    '/prod/abc',
    '/prod/Users',
  ])('%s that no resource has is answered as an unsigned one', async (target) => {
    const url = await start(open('/users/{id}'), open('/files/{path+}'), open('/a.c'));
    expect(await refusal(url, { target })).toEqual(NO_TOKEN);
  });

  test.each(['/', '/other/users', '//prod/users'])(
    '%s of no stage is forbidden',
    async (target) => {
      expect(await refusal(await start(open('/users')), { target })).toEqual(FORBIDDEN);
    },
  );

  test('has methods', async () => {
    const url = await start(open('/users', { methods: ['GET'] }));
    expect(await refusal(url, { method: 'POST', target: '/prod/users' })).toEqual(NO_TOKEN);
    expect((await send(url, { target: '/prod/users' })).status).toBe(200);
  });
});

describe('a resource behind IAM', () => {
  const iam: ApiResource = { path: '/users', invoke: echo };

  test('takes no request without a signature', async () => {
    expect(await refusal(await start(iam), { target: '/prod/users' })).toEqual(NO_TOKEN);
  });

  test('takes a signed one, and tells its key', async () => {
    const url = await start(iam);
    const { headers: signed = {} } = aws4.sign(
      { host: new URL(url).host, path: '/prod/users?a=b', service: 'execute-api' },
      { ...LOCAL_CREDENTIALS },
    );
    const headers = Object.entries(signed).map(([name, value]) => [name, String(value)] as const);
    const response = await send(url, { target: '/prod/users?a=b', headers });
    expect(response.json()).toMatchObject({
      requestContext: { identity: { accessKey: LOCAL_CREDENTIALS.accessKeyId } },
    });
    const [status, type, message] = await refusal(url, { target: '/prod/users?a=c', headers });
    expect([status, type]).toEqual([403, 'InvalidSignatureException']);
    expect(message).toContain('The Canonical String for this request should have been');
  });
});

test.each([
  [[], FORBIDDEN],
  [[['X-Api-Key', 'another']], FORBIDDEN],
  [[['X-Api-Key', 'the-key']], [200, undefined, undefined]],
] as const)('a resource that demands an API key answers %j with %j', async (headers, answer) => {
  const url = await start(open('/users', { apiKeyRequired: true }));
  expect(await refusal(url, { target: '/prod/users', headers })).toEqual(answer);
});

describe('a result', () => {
  const answer = async (value: unknown) => {
    const url = await start(open('/x', { invoke: invokeInProcess(() => value) }));
    return send(url, { target: '/prod/x' });
  };

  test('may have several values of a header', async () => {
    const response = await answer({
      ...{ statusCode: 201, headers: { 'X-One': '1' }, body: 'made' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    });
    expect([response.status, response.text(), response.header('x-one')]).toEqual([
      201,
      'made',
      '1',
    ]);
    expect(response.headers.filter(([name]) => name === 'set-cookie')).toHaveLength(2);
    expect(response.header('content-type')).toBe('application/json');
    expect(response.header('x-amz-apigw-id')).toMatch(/./);
  });

  test.each([{ no: 'status' }, 'text', null])('%j is a 502', async (value) => {
    const response = await answer(value);
    expect([response.status, response.json()]).toEqual([502, { message: 'Internal server error' }]);
  });

  test('of a function that throws is a 502', async () => {
    const invoke = invokeInProcess(() => Promise.reject(new Error('x')));
    const url = await start(open('/x', { invoke }));
    expect((await send(url, { target: '/prod/x' })).status).toBe(502);
  });

  test('may be streamed', async () => {
    async function* body() {
      yield 'a';
      yield 'b';
    }
    const invoke = streamInProcess(() => ({ statusCode: 200, body: body() }));
    const url = await start(open('/x', { invoke }));
    expect((await send(url, { target: '/prod/x' })).text()).toBe('ab');
  });
});

test('a body of more than ten megabytes is refused', async () => {
  const request = { method: 'POST', target: '/prod/x', body: Buffer.alloc(10 * 1024 * 1024 + 1) };
  expect((await refusal(await start(open('/x')), request))[0]).toBe(413);
});
