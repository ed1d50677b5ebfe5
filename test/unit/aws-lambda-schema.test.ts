import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { awsLambda } from '../../functions/proxy/plugins/serverless/aws-lambda.ts';
import { thrownBy, toServices } from '../support/builders.ts';
import { functionUri } from '../support/documents.ts';

const prepare = (config: unknown, services = toServices()) =>
  awsLambda.prepare(config, services, { pointer: '', written: config });
const withUri = (parts: object) => ({ function_uri: functionUri, ...parts });
const withAuthorization = (authorization: unknown) => withUri({ authorization });
const withIam = (iam: unknown) => withAuthorization({ iam });

test('defaults are those of the design', () => {
  const services = toServices();
  prepare(withUri({}), services);
  expect(services.connections).toEqual([
    {
      hostname: expect.stringContaining('lambda-url'),
      settings: { keepalive: true, poolSize: 5, idleTimeoutMs: 60_000, verifyTls: true },
    },
  ]);
  expect(services.warnings).toEqual([]);
});

test('the pool is made with what the document says', () => {
  const services = toServices();
  prepare(withUri({ keepalive: false, keepalive_pool: 1, keepalive_timeout: 1000 }), services);
  expect(services.connections[0]?.settings).toMatchObject({
    keepalive: false,
    poolSize: 1,
    idleTimeoutMs: 1000,
  });
});

test.each([
  [
    'https://own.example.com:8443',
    'own.example.com',
    false,
    'the certificate of own.example.com:8443 is not verified',
  ],
  [functionUri, '', true, 'is ignored'],
  ['http://127.0.0.1:1', '127.0.0.1', true, undefined],
])(
  'ssl_verify: false on %s: certificates are verified: %s',
  (uri, allowedHosts, verifyTls, warning) => {
    const services = toServices({ allowedHosts: allowedHosts as string });
    prepare({ function_uri: uri, ssl_verify: false }, services);
    expect(services.connections[0]?.settings.verifyTls).toBe(verifyTls);
    expect(services.warnings).toEqual(
      warning === undefined ? [] : [expect.stringContaining(warning as string)],
    );
  },
);

test.each([
  ['no authorization', withUri({})],
  ['an API key', withAuthorization({ apikey: 'k' })],
  ['the execution role', withIam({})],
  ['region and service', withIam({ aws_region: 'us-gov-west-1', service: 'lambda' })],
  ['static keys', withIam({ accesskey: 'a', secretkey: 's' })],
  ['static keys for another service', withIam({ accesskey: 'a', secretkey: 's', service: 'x' })],
  ["static keys in APISIX's older spelling", withIam({ accesskey: 'a', secret_key: 's' })],
  ['static keys with a token', withIam({ accesskey: 'a', secretkey: 's', session_token: 't' })],
  ['a role', withIam({ role_arn: 'arn:aws:iam::123456789012:role/x' })],
  [
    'a role with a path in another partition',
    withIam({
      role_arn: 'arn:aws-us-gov:iam::123456789012:role/path/x',
      external_id: 'ab',
      session_name: 'me@x',
    }),
  ],
  ['both', withAuthorization({ apikey: 'k', iam: {} })],
  ['no carried header', withAuthorization({ forward_as: '' })],
  [
    'a carried header in upper case',
    withAuthorization({ forward_as: 'X-Forwarded-Authorization', iam: {} }),
  ],
  [
    "the client's own header name where nothing is signed",
    withAuthorization({ forward_as: 'Authorization', apikey: 'k' }),
  ],
  [
    'the least of each number',
    withUri({ timeout: 100, keepalive_pool: 1, keepalive_timeout: 1000, max_req_body_size: 1 }),
  ],
])('%s is accepted', (_, config) => {
  expect(prepare(config).middleware).toBeInstanceOf(Function);
});

const known = (names: string) => `no such field; known are ${names}`;
const attributes =
  'function_uri, timeout, ssl_verify, keepalive, keepalive_pool, keepalive_timeout, max_req_body_size, retry_on, authorization';

test.each<[string, unknown, string, string, unknown]>([
  ['no function_uri', {}, '/function_uri', 'nothing', 'this field, which is required'],
  ['a function_uri that is a number', { function_uri: 1 }, '/function_uri', '1', 'a string'],
  [
    'a function_uri that is no URL',
    { function_uri: 'x' },
    '/function_uri',
    '"x"',
    'an absolute URL that begins with https://',
  ],
  [
    'a host that is not allowed',
    { function_uri: 'https://example.com/?x=1' },
    '/function_uri',
    '"https://example.com/?…"',
    expect.stringContaining('an allowed host (neither'),
  ],
  ['a timeout of 99', withUri({ timeout: 99 }), '/timeout', '99', 'a whole number of at least 100'],
  [
    'a timeout with a fraction',
    withUri({ timeout: 100.5 }),
    '/timeout',
    '100.5',
    'a whole number of at least 100',
  ],
  ['a timeout that is a string', withUri({ timeout: '3000' }), '/timeout', '"3000"', 'a number'],
  ['a timeout that is null', withUri({ timeout: null }), '/timeout', 'null', 'a number'],
  [
    'ssl_verify that is a string',
    withUri({ ssl_verify: 'false' }),
    '/ssl_verify',
    '"false"',
    'true or false',
  ],
  ['keepalive that is a number', withUri({ keepalive: 1 }), '/keepalive', '1', 'true or false'],
  [
    'an empty pool',
    withUri({ keepalive_pool: 0 }),
    '/keepalive_pool',
    '0',
    'a whole number of at least 1',
  ],
  [
    'a keepalive of 999 ms',
    withUri({ keepalive_timeout: 999 }),
    '/keepalive_timeout',
    '999',
    'a whole number of at least 1000',
  ],
  [
    'a body of 0 bytes',
    withUri({ max_req_body_size: 0 }),
    '/max_req_body_size',
    '0',
    'a whole number of at least 1',
  ],
  [
    'an unknown attribute',
    withUri({ timeuot: 1 }),
    '/timeuot',
    'an unknown field',
    known(attributes),
  ],
])('%s is refused with pointer, found and expected', (_, config, pointer, found, expected) => {
  const error = thrownBy(() => prepare(config));
  expect(error).toBeInstanceOf(DocumentError);
  expect((error as DocumentError).issues[0]).toMatchObject({ pointer, found, expected });
});
