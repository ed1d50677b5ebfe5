/** What the access plugins refuse in a document, and what they accept of APISIX's. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { compile, issuesOf } from '../../support/documents.ts';

const toPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const shortRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ed25519 = generateKeyPairSync('ed25519');
const x25519 = generateKeyPairSync('x25519');
const rsaPem = toPem(rsa.publicKey);
const privatePem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

type Config = Readonly<Record<string, unknown>>;
type Refusal = readonly [plugin: string, config: Config, at: string, expected: string];

const routeOf = (plugin: string, config: Config) => ({ uri: '/x', plugins: { [plugin]: config } });
const consumerOf = (plugin: string, config: Config) => ({ plugins: { [plugin]: config } });
const asConsumer = { kind: 'consumer', parameter: '/countersign/test/consumers/ann' } as const;

const onRoutes: readonly Refusal[] = [
  ['key-auth', { header: 'a b' }, '/header', 'a header name'],
  ['key-auth', { query: '' }, '/query', 'name of a parameter'],
  ['key-auth', { key: 'x' }, '/key', 'known are header, query'],
  ['key-auth', { realm: 'a"b' }, '/realm', 'printable ASCII'],
  ['key-auth', { realm: 'a\r\nset-cookie: x' }, '/realm', 'printable ASCII'],
  ['key-auth', { anonymous_consumer: '' }, '/anonymous_consumer', 'name of a consumer'],
  ['basic-auth', { hide_credentials: 'yes' }, '/hide_credentials', 'true or false'],
  ['basic-auth', { username: 'x' }, '/username', 'known are hide_credentials'],
  ['jwt-auth', { store_in_ctx: true }, '/store_in_ctx', 'openid-connect'],
  ['jwt-auth', { key_claim_name: '' }, '/key_claim_name', 'not empty'],
  ['jwt-auth', { claims_to_verify: ['iat'] }, '/claims_to_verify/0', 'exp or nbf'],
  ['jwt-auth', { header: 'é' }, '/header', 'a header name'],
  ['hmac-auth', { allowed_algorithms: [] }, '/allowed_algorithms', 'at least one entry'],
  ['hmac-auth', { allowed_algorithms: ['md5'] }, '/allowed_algorithms/0', 'one of hmac-sha1'],
  ['hmac-auth', { clock_skew: 0 }, '/clock_skew', 'a whole number from 1'],
  ['hmac-auth', { clock_skew: 1.5 }, '/clock_skew', 'a whole number'],
  ['hmac-auth', { max_req_body_size: 0 }, '/max_req_body_size', 'a whole number from 1'],
  ['hmac-auth', { signed_headers: [''] }, '/signed_headers/0', 'a header name'],
  ['hmac-auth', { signed_headers: ['x'.repeat(51)] }, '/signed_headers/0', 'at most 50'],
  [
    'openid-connect',
    {
      ...{ discovery: 'https://idp.example.com/', client_id: 'a', bearer_only: true },
      proxy_opts: { https_proxy: 'http://proxy:3128' },
    },
    '/proxy_opts',
    'fetched directly',
  ],
  ['csrf', {}, '/key', 'required'],
  ['csrf', { key: '' }, '/key', 'not empty'],
  ['csrf', { key: 'k', name: 'a;b' }, '/name', 'a name for cookie and header'],
  ['csrf', { key: 'k', expires: -1 }, '/expires', 'a whole number from 0'],
  ['request-id', { algorithm: 'snowflake' }, '/algorithm', 'uuid, uuidv7, nanoid'],
  ['request-id', { range_id: { length: 5 } }, '/range_id/length', 'from 6 to 128'],
  ['request-id', { range_id: { length: 129 } }, '/range_id/length', 'from 6 to 128'],
  ['request-id', { range_id: { char_set: 'abc' } }, '/range_id/char_set', 'at least 6'],
  ['request-id', { range_id: { char_set: 'abcdef\n' } }, '/range_id/char_set', 'letters, digits'],
  ['webhook-auth', { preset: 'github' }, '/secrets', 'required'],
  ['webhook-auth', { preset: 'github', secrets: [] }, '/secrets', 'one secret, or two'],
  [
    'webhook-auth',
    { preset: 'github', secrets: ['a', 'b', 'c'] },
    '/secrets',
    'one secret, or two',
  ],
  ['webhook-auth', { preset: 'github', secrets: [''] }, '/secrets/0', 'not empty'],
  ['webhook-auth', { preset: 'gitlab', secrets: ['a'] }, '/preset', 'one of github, stripe'],
  ['webhook-auth', { secrets: ['a'] }, '', 'a preset, or the header'],
  [
    'webhook-auth',
    { preset: 'github', header: 'x', secrets: ['a'] },
    '',
    'a preset, or the header',
  ],
  ['webhook-auth', { preset: 'github', prefix: 'x', secrets: ['a'] }, '', 'beside a preset'],
  ['webhook-auth', { preset: 'github', tolerance: 9, secrets: ['a'] }, '/tolerance', 'say no time'],
  [
    'webhook-auth',
    { preset: 'stripe', tolerance: 0, secrets: ['a'] },
    '/tolerance',
    'a whole number from 1',
  ],
  ['webhook-auth', { preset: 'svix', secrets: ['whsec_no base64'] }, '/secrets/0', 'base64'],
  [
    'webhook-auth',
    { header: 'x', signed: '{bod}', secrets: ['a'] },
    '/signed',
    '{body}, {timestamp}',
  ],
  [
    'webhook-auth',
    { header: 'x', signed: '{constructor}{body}', secrets: ['a'] },
    '/signed',
    '{body}',
  ],
  ['webhook-auth', { header: 'x', signed: '{method}', secrets: ['a'] }, '/signed', '{body} among'],
  [
    'webhook-auth',
    { header: 'x', signed: '{timestamp}{body}', secrets: ['a'] },
    '/signed',
    'or neither',
  ],
  ['webhook-auth', { header: 'x', timestamp_header: 't', secrets: ['a'] }, '/signed', 'or neither'],
  ...(
    [
      ['{header:x-id}{timestamp}.{body}', 'a text between {header:x-id} and {timestamp}'],
      ['{method} {host}{target}{timestamp}{body}', 'a text between {host} and {timestamp}'],
      ['{body}.{timestamp}.{header:x-id}', '{timestamp} in front of {body}'],
    ] as const
  ).map(
    ([signed, expected]) =>
      [
        'webhook-auth',
        { header: 'x', timestamp_header: 't', signed, secrets: ['a'] },
        '/signed',
        expected,
      ] as const,
  ),
];

it.each(onRoutes)('%s on a route refuses %j', async (plugin, config, at, expected) => {
  const [issue] = await issuesOf(routeOf(plugin, config));

  expect(issue?.pointer).toBe(`/plugins/${plugin}${at}`);
  expect(issue?.expected).toContain(expected);
});

const jwt = (config: Config): Config => ({ key: 'k', ...config });

const onConsumers: readonly Refusal[] = [
  ['key-auth', {}, '/key', 'required'],
  ['key-auth', { key: '' }, '/key', 'not empty'],
  ['key-auth', { key: 7 }, '/key', 'a string'],
  ['basic-auth', { username: 'ann' }, '/password', 'required'],
  ['basic-auth', { password: 'x' }, '/username', 'required'],
  ['basic-auth', { username: 123, password: 'bar' }, '/username', 'a string'],
  ['basic-auth', { username: 'a:b', password: 'bar' }, '/username', 'without `:`'],
  ['basic-auth', { username: 'ann', password: 'a\nb' }, '/password', 'control characters'],
  ['basic-auth', { username: 'ann', password: '' }, '/password', 'not empty'],
  ['hmac-auth', { key_id: 'a' }, '/secret_key', 'required'],
  ['hmac-auth', { key_id: 'a', secret_key: 'x'.repeat(257) }, '/secret_key', 'at most 256'],
  ['hmac-auth', { access_key: 'a', secret_key: 'b' }, '/key_id', 'required'],
  ['hmac-auth', { key_id: 'a', secret_key: 'b', access_key: 'a' }, '/access_key', 'key_id'],
  ['hmac-auth', { key_id: 'a', secret_key: 'b', clock_skew: 9 }, '/clock_skew', "the route's"],
  [
    'hmac-auth',
    { key_id: 'a', secret_key: 'b', algorithm: 'x' },
    '/algorithm',
    'allowed_algorithms',
  ],
  ['jwt-auth', { secret: 's' }, '/key', 'required'],
  ['jwt-auth', jwt({}), '/secret', 'a secret, beside HS256'],
  ['jwt-auth', jwt({ secret: '' }), '/secret', 'not empty'],
  ['jwt-auth', jwt({ algorithm: 'none', secret: 's' }), '/algorithm', 'one of HS256'],
  ['jwt-auth', jwt({ algorithm: 'constructor', secret: 's' }), '/algorithm', 'one of HS256'],
  ['jwt-auth', jwt({ public_key: rsaPem }), '/public_key', 'no public key beside HS256'],
  ['jwt-auth', jwt({ secret: 's', public_key: rsaPem }), '/public_key', 'no public key beside'],
  ['jwt-auth', jwt({ secret: rsaPem }), '/secret', 'no PEM'],
  ['jwt-auth', jwt({ secret: 'no base64', base64_secret: true }), '/secret', 'base64'],
  ['jwt-auth', jwt({ algorithm: 'RS256' }), '/public_key', 'an RSA public key'],
  ['jwt-auth', jwt({ algorithm: 'RS256', secret: 's' }), '/public_key', 'an RSA public key'],
  ['jwt-auth', jwt({ algorithm: 'RS256', public_key: 'x' }), '/public_key', 'an RSA public key'],
  [
    'jwt-auth',
    jwt({ algorithm: 'RS256', public_key: privatePem }),
    '/public_key',
    'not the private',
  ],
  [
    'jwt-auth',
    jwt({ algorithm: 'RS256', public_key: toPem(shortRsa.publicKey) }),
    '/public_key',
    '2048',
  ],
  [
    'jwt-auth',
    jwt({ algorithm: 'RS256', public_key: toPem(p256.publicKey) }),
    '/public_key',
    'RSA',
  ],
  ['jwt-auth', jwt({ algorithm: 'ES256', public_key: rsaPem }), '/public_key', 'P-256'],
  [
    'jwt-auth',
    jwt({ algorithm: 'ES256', public_key: toPem(p384.publicKey) }),
    '/public_key',
    'P-256',
  ],
  [
    'jwt-auth',
    jwt({ algorithm: 'ES512', public_key: toPem(p384.publicKey) }),
    '/public_key',
    'P-521',
  ],
  [
    'jwt-auth',
    jwt({ algorithm: 'EdDSA', public_key: toPem(p256.publicKey) }),
    '/public_key',
    'Ed25519',
  ],
  [
    'jwt-auth',
    jwt({ algorithm: 'EdDSA', public_key: toPem(x25519.publicKey) }),
    '/public_key',
    'Ed25519',
  ],
  [
    'jwt-auth',
    jwt({ algorithm: 'ES256', public_key: toPem(ed25519.publicKey) }),
    '/public_key',
    'P-256',
  ],
  ['jwt-auth', jwt({ secret: 's', private_key: privatePem }), '/private_key', 'only verified here'],
  ['jwt-auth', jwt({ secret: 's', exp: 0 }), '/exp', 'a whole number from 1'],
  [
    'jwt-auth',
    jwt({ secret: 's', lifetime_grace_period: -1 }),
    '/lifetime_grace_period',
    'a whole number from 0',
  ],
];

it.each(onConsumers)('%s on a consumer refuses %j', async (plugin, config, at, expected) => {
  const [issue] = await issuesOf(consumerOf(plugin, config), asConsumer);

  expect(issue?.pointer).toBe(`/plugins/${plugin}${at}`);
  expect(issue?.expected).toContain(expected);
  expect(issue?.found).not.toMatch(/BEGIN|no base64/);
});

it.each([
  ['key-auth', { header: 'Authorization', query: 'auth', hide_credentials: true }],
  ['basic-auth', { hide_credentials: true, realm: 'my realm', anonymous_consumer: 'guest' }],
  ['jwt-auth', { header: 'jwt-auth-header', query: 'q', cookie: 'c', store_in_ctx: false }],
  ['jwt-auth', { claims_to_verify: [] }],
  ['hmac-auth', { clock_skew: 600, signed_headers: ['date', 'x-custom-header-a'] }],
  ['csrf', { key: 'testkey', name: '_csrf', expires: 3600 }],
  ['request-id', { header_name: 'Custom-Header-Name', include_in_response: true }],
])('%s takes what APISIX shows: %j', async (plugin, config) => {
  expect((await compile(routeOf(plugin, config))).routes).toHaveLength(1);
});

it('a secret beside a public key is accepted, and a warning says that it is not read', async () => {
  const settings = jwt({ algorithm: 'RS256', secret: 's-cr-t', public_key: rsaPem });
  const { consumers, warnings } = await compile(consumerOf('jwt-auth', settings), asConsumer);

  expect(warnings).toEqual([expect.stringContaining('jwt-auth: secret is not read beside RS256')]);
  expect(JSON.stringify([...(consumers[0]?.credentials ?? [])])).not.toContain('s-cr-t');
});

it('a label custom_id has to fit into a header', async () => {
  const issues = await issuesOf({ labels: { custom_id: 'a\r\nb' } }, asConsumer);

  expect(issues).toMatchObject([
    { pointer: '/labels', expected: expect.stringContaining('custom_id') },
  ]);
});
