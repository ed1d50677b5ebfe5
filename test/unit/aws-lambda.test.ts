import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import { awsLambda } from '../../functions/proxy/plugins/serverless/aws-lambda.ts';
import {
  apiHost,
  functionUrlHost,
  rejectionOf,
  toExchange,
  toRequest,
  toServices,
} from '../support/builders.ts';
import { createFakePool, parseRequest } from '../support/fake-pool.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: text/plain\r\n\r\nok';
const lambdaUri = `https://${functionUrlHost}/base?v=1`;
const apiUri = `https://${apiHost}/prod`;

async function call(config: object, exchange: Partial<Exchange> = {}, answer: string = ok) {
  const pool = createFakePool(answer);
  const services = toServices({ pool, allowedHosts: 'own.example.com' });
  const { middleware } = awsLambda.prepare(config, services, { pointer: '', written: config });
  const unreachable = () => Promise.reject(new Error('the innermost middleware never calls next'));
  const visit = toExchange({ deadlineMs: services.now() + 60_000, ...exchange });
  const outcome = await middleware(visit, unreachable).catch((error: unknown) => ({ error }));
  const sent = pool.requests().map(parseRequest);
  return { outcome, sent, first: sent[0] ?? parseRequest(), services, record: visit.record };
}

const credentialOf = (authorization = '') => /Credential=([^,]+)/.exec(authorization)?.[1];
const signedOf = (authorization = '') => /SignedHeaders=([^,]+)/.exec(authorization)?.[1];

test.each([
  ['of a function URL', lambdaUri, {}, 'eu-west-1/lambda'],
  ['of API Gateway', apiUri, {}, 'us-east-1/execute-api'],
  [
    'that the document gives',
    'https://own.example.com/',
    { aws_region: 'eu-north-1', service: 'appsync' },
    'eu-north-1/appsync',
  ],
  ['of a host that says neither', 'https://own.example.com/', {}, 'ap-south-1/execute-api'],
])('the scope %s is signed', async (_, function_uri, iam, scope) => {
  const { first } = await call({ function_uri, authorization: { iam } });
  expect(credentialOf(first.header('authorization')[0])).toBe(
    `AKIDEXAMPLE/20260102/${scope}/aws4_request`,
  );
});

test('host, content-type, carried authorization and our x-amz-* are signed, and nothing else', async () => {
  const headers = {
    authorization: 'Bearer client',
    'content-type': 'text/plain',
    'user-agent': 'u',
    'x-custom': 'c',
    'x-amzn-trace-id': 'Root=1',
    'x-amz-date': 'spoofed',
    'x-amz-security-token': 'spoofed',
  };
  const { first } = await call(
    {
      function_uri: lambdaUri,
      authorization: { iam: { accesskey: 'A', secretkey: 'S', session_token: 'T' } },
    },
    { request: toRequest({ headers }) },
  );
  expect(signedOf(first.header('authorization')[0])).toBe(
    'content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-original-authorization',
  );
  expect(first.header('x-amz-date')).toEqual(['20260102T030405Z']);
  expect(first.header('x-amz-security-token')).toEqual(['T']);
  expect(first.header('x-original-authorization')).toEqual(['Bearer client']);
  expect(JSON.stringify(first)).not.toContain('spoofed');
});

test('path and query are joined, and the request line is what was signed', async () => {
  const { first } = await call(
    { function_uri: lambdaUri, authorization: { iam: {} } },
    { request: toRequest({ query: 'a=2&a=1&x=%FF&flag' }), rest: 'a%20b//c' },
  );
  expect(first.line).toBe('GET /base/a%20b//c?v=1&a=2&a=1&x=%FF&flag HTTP/1.1');
});

test('an API key is sent as x-api-key, and nothing is signed', async () => {
  const headers = { 'x-api-key': 'client', authorization: 'Bearer client' };
  const { first } = await call(
    { function_uri: apiUri, authorization: { apikey: 'ours' } },
    { request: toRequest({ headers }) },
  );
  expect(first.header('x-api-key')).toEqual(['ours']);
  expect(first.header('authorization')).toEqual([]);
  expect(first.header('x-original-authorization')).toEqual(['Bearer client']);
});

test('with API key and iam both are sent', async () => {
  const { first } = await call({
    function_uri: apiUri,
    authorization: { apikey: 'ours', iam: {} },
  });
  expect(first.header('x-api-key')).toEqual(['ours']);
  expect(first.header('authorization')).toHaveLength(1);
});

test('without authorization nothing is added', async () => {
  const { first } = await call({ function_uri: apiUri });
  expect([
    first.header('authorization'),
    first.header('x-api-key'),
    first.header('x-amz-date'),
  ]).toEqual([[], [], []]);
});

test('a role is assumed by its ARN, external id and session name', async () => {
  const role_arn = 'arn:aws:iam::123456789012:role/x';
  const { first, services } = await call({
    function_uri: apiUri,
    authorization: { iam: { role_arn, external_id: 'ab' } },
  });
  expect(services.assumed).toEqual([
    { roleArn: role_arn, externalId: 'ab', sessionName: 'countersign' },
  ]);
  expect(credentialOf(first.header('authorization')[0])).toContain('ASSUMED/');
});

test('a session of a role has the name that the document gives', async () => {
  const iam = { role_arn: 'arn:aws:iam::123456789012:role/x', session_name: 'me' };
  const { services } = await call({ function_uri: apiUri, authorization: { iam } });

  expect(services.assumed).toMatchObject([{ sessionName: 'me' }]);
});

test("static keys in APISIX's older spelling sign, without a session token", async () => {
  const iam = { accesskey: 'A', secret_key: 'S' };
  const { first } = await call({ function_uri: apiUri, authorization: { iam } });

  expect(credentialOf(first.header('authorization')[0])).toMatch(/^A\//);
  expect(first.header('x-amz-security-token')).toEqual([]);
});

test.each([
  [3, true],
  [4, false],
])('with a limit of 3 bytes a body of %d bytes is sent: %s', async (size, isSent) => {
  const { outcome, sent } = await call(
    { function_uri: apiUri, max_req_body_size: 3 },
    { request: toRequest({ method: 'POST', body: Buffer.alloc(size) }) },
  );
  expect(sent.length).toBe(isSent ? 1 : 0);
  expect(outcome).toMatchObject(isSent ? { status: 200 } : { error: { code: 'BODY_TOO_LARGE' } });
});

test('a small answer is whole, and its headers are as received', async () => {
  const { outcome, record } = await call({ function_uri: apiUri });
  expect(outcome).toEqual({
    status: 200,
    headers: [
      ['content-length', '2'],
      ['content-type', 'text/plain'],
    ],
    body: Buffer.from('ok'),
  });
  expect(record).toMatchObject({ upstreamTries: 1, upstreamTtfbMs: expect.any(Number) });
});

const denied =
  'HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: AccessDeniedException\r\ncontent-length: 9\r\n\r\nForbidden';

test("a refusal of the proxy's signature is 502 on a signed route, and the log names the missing permission", async () => {
  const { outcome } = await call(
    { function_uri: lambdaUri, authorization: { iam: {} } },
    {},
    denied,
  );
  const message = expect.stringMatching(/^AccessDeniedException: .*lambda:InvokeFunctionUrl/);
  expect(outcome).toMatchObject({ error: { code: 'UPSTREAM_ACCESS_DENIED', message } });
});

test("on a route without a signature the same answer is the application's", async () => {
  const { outcome } = await call(
    { function_uri: lambdaUri, authorization: { apikey: 'k' } },
    {},
    denied,
  );
  expect(outcome).toMatchObject({ status: 403, body: Buffer.from('Forbidden') });
});

test.each([500, 404, 429, 301])("an upstream's %d is relayed untouched", async (status) => {
  const answer = `HTTP/1.1 ${status} X\r\ncontent-length: 1\r\nlocation: https://elsewhere/\r\n\r\nx`;
  const { outcome, sent } = await call(
    { function_uri: lambdaUri, authorization: { iam: {} } },
    {},
    answer,
  );
  expect(outcome).toMatchObject({ status, body: Buffer.from('x') });
  expect(sent).toHaveLength(1);
});

test('when the deadline has passed nothing is sent', async () => {
  const { outcome, sent } = await call({ function_uri: lambdaUri }, { deadlineMs: 0 });
  expect(outcome).toMatchObject({ error: { code: 'UPSTREAM_TIMEOUT' } });
  expect(sent).toEqual([]);
});

test('keys that cannot be had are the error, and nothing is sent unsigned', async () => {
  // Prepare
  const pool = createFakePool(ok);
  const config = { function_uri: lambdaUri, authorization: { iam: {} } };
  const services = toServices({ pool });
  const failure = new Error('no keys');
  const failing = {
    ...services,
    credentials: { ...services.credentials, execution: () => Promise.reject(failure) },
  };

  // Act
  const { middleware } = awsLambda.prepare(config, failing, { pointer: '', written: config });
  const error = await rejectionOf(
    middleware(toExchange({ deadlineMs: services.now() + 60_000 }), () =>
      Promise.reject(new Error('next')),
    ),
  );

  // Assess
  expect(error).toBe(failure);
  expect(pool.requests()).toEqual([]);
});
