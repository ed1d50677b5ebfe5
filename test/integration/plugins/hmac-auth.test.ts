/** hmac-auth through the built artefact: what it lets in, what a route may demand, and what it hides. */
import { createHash } from 'node:crypto';
import type { ClientRequest } from '../../support/client.ts';
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';
import {
  date,
  digestOf,
  type Signing,
  toSignedRequest,
  withAuthorization,
} from '../../support/hmac-signer.ts';

type Headers = [name: string, value: string][];

const centurySeconds = 3_153_600_000;
let rig: GuardedRoutes;

beforeAll(async () => {
  rig = await startGuardedRoutes({
    routes: {
      plain: { 'hmac-auth': {} },
      hidden: { 'hmac-auth': { hide_credentials: true, realm: 'orders' } },
      strict: {
        'hmac-auth': {
          allowed_algorithms: ['hmac-sha512'],
          clock_skew: 60,
          signed_headers: ['Digest', 'x-custom-header-a'],
          validate_request_body: true,
        },
      },
      digest: { 'hmac-auth': { validate_request_body: true } },
      small: { 'hmac-auth': { validate_request_body: true, max_req_body_size: 5 } },
      lenient: { 'hmac-auth': { anonymous_consumer: 'guest' } },
      // For signatures that others have published.
      foo: { 'hmac-auth': { clock_skew: centurySeconds } },
      v2: { 'hmac-auth': { clock_skew: centurySeconds } },
    },
    consumers: {
      john: { 'hmac-auth': { key_id: 'john-key', secret_key: '$secret://ssm/john' } },
      proto: { 'hmac-auth': { key_id: '__proto__', secret_key: 'constructor' } },
      consumer1: {
        'hmac-auth': {
          key_id: 'consumer1-key',
          secret_key: '2bda943c-ba2b-11ec-ba07-00163e1250b5',
        },
      },
      infini: { 'hmac-auth': { key_id: 'testkey', secret_key: 'testsecret' } },
      guest: { plugins: {} },
    },
    secrets: { john: 'john-secret-key' },
  });
});

afterAll(() => rig.close());

const statusOf = async (request: ClientRequest) => (await rig.ask(request)).status;
it.each<[string, Signing]>([
  ['GET', {}],
  ['HMAC-SHA1', { algorithm: 'hmac-sha1' }],
  ['HMAC-SHA512', { algorithm: 'hmac-sha512' }],
  ['a query as it was sent', { target: '/plain/a%20b?x=1+2&y=%2b&z=100%&&w' }],
  ['doubled slashes and other odd bytes', { target: "/plain//b;c=1/%7Ed/%e4?q='~" }],
  ['POST with a body', { method: 'POST', body: '{"name": "world"}' }],
  [
    'custom headers',
    {
      headers: [
        ['date', date()],
        ['x-custom-header-a', 'asld$%dfasf'],
      ],
    },
  ],
  ['x-date in place of date', { headers: [['x-date', date()]] }],
  [
    'x-date beside a date that somebody else sets',
    {
      headers: [
        ['x-date', date()],
        ['date', date(-9999)],
      ],
      signed: ['@request-target', 'x-date'],
    },
  ],
  [
    'names as the client writes them',
    {
      headers: [
        ['Date', date()],
        ['X-Custom', 'A'],
      ],
    },
  ],
  ['another order', { signed: ['date', '@request-target'] }],
  ['a clock that is four minutes late', { headers: [['date', date(-240)]] }],
  ['a clock that is four minutes early', { headers: [['date', date(240)]] }],
  ['an inherited name as key id', { keyId: '__proto__', secret: 'constructor' }],
])('lets in what a consumer has signed: %s', async (_, signing) => {
  expect(await statusOf(toSignedRequest(signing))).toBe(200);
});

it.each([
  [
    'Higress, for its plugin of the same signatures',
    {
      method: 'POST',
      target: '/foo',
      body: '{}',
      headers: [
        ['Date', 'Fri, 12 Sep 2025 23:53:18 GMT'],
        [
          'Authorization',
          'Signature keyId="consumer1-key",algorithm="hmac-sha256",headers="@request-target date",signature="746z4VISwZehUwZdzTV486ZMMbBtakmMHKPfs/A4RdU="',
        ],
      ],
    },
  ],
  [
    'OpenSSL',
    {
      target: '/v2/cards/list?size=20',
      headers: [
        ['Date', 'Tue, 21 Jan 2025 12:00:00 GMT'],
        [
          'Authorization',
          'Signature keyId="testkey",algorithm="hmac-sha256",headers="@request-target date",signature="UBQotuLdx+rQ8BO7Ft3YLOEgiKWyRtsUL7jbwv1XHCI="',
        ],
      ],
    },
  ],
] as const)('agrees with what %s has computed', async (_, request) => {
  expect(await statusOf(request)).toBe(200);
  expect(await statusOf({ ...request, method: 'PUT' })).toBe(401);
});

it('passes over fields that it does not know, and blanks between fields', async () => {
  const request = withAuthorization(
    toSignedRequest(),
    (value) => `${value.replaceAll(',', ' , ')},created=1402170695,opaque="x"`,
  );

  expect(await statusOf(request)).toBe(200);
});

describe('a route with demands', () => {
  const demanded = (body: string, headers: Headers = []) => ({
    algorithm: 'hmac-sha512',
    method: 'POST',
    target: '/strict',
    body,
    headers: [
      ['date', date()],
      ['digest', digestOf('{"name": "world"}')],
      ['x-custom-header-a', '1'],
      ...headers,
    ] as Headers,
  });

  it.each<[string, number, Signing]>([
    ['all that is demanded', 200, demanded('{"name": "world"}')],
    ['another body', 401, demanded('{"name": "World"}')],
    [
      'an algorithm that is not allowed',
      401,
      { ...demanded('{"name": "world"}'), algorithm: 'hmac-sha256' },
    ],
    [
      'a header that is not signed',
      401,
      {
        ...demanded('{"name": "world"}'),
        signed: ['@request-target', 'date', 'digest'],
      },
    ],
    [
      'a clock that is two minutes late',
      401,
      {
        ...demanded('{"name": "world"}'),
        headers: [
          ['date', date(-120)],
          ['digest', digestOf('{"name": "world"}')],
          ['x-custom-header-a', '1'],
        ],
      },
    ],
  ])('answers %s with %i', async (_, status, signing) => {
    expect(await statusOf(toSignedRequest(signing))).toBe(status);
  });

  it.each([
    ['a body as long as it may be', 'short', 200],
    ['a longer body', 'longer', 413],
    ['a longer body with the digest of another', 'longer!', 413],
  ])('max_req_body_size: %s (%s) is answered with %i', async (_, body, status) => {
    const headers: Headers = [
      ['date', date()],
      ['digest', digestOf(body === 'longer!' ? 'x' : body)],
    ];

    expect(
      await statusOf(toSignedRequest({ method: 'POST', target: '/small', body, headers })),
    ).toBe(status);
  });

  it.each<[string, number, Headers, string]>([
    [
      "the digest of APISIX's page",
      200,
      [['digest', 'SHA-256=78qzJuLwSpZ8HacsTdFCQJWxzPMOf8bYctRk2ySLpS8=']],
      '{"name": "world"}',
    ],
    ['the digest of nothing', 200, [['digest', digestOf('')]], ''],
    ['no digest', 401, [], '{}'],
    ['the digest of another body', 401, [['digest', digestOf('{}')]], '{ }'],
    ['an MD5', 401, [['digest', `MD5=${createHash('md5').update('{}').digest('base64')}`]], '{}'],
  ])('with validate_request_body answers %s with %i', async (_, status, headers, body) => {
    const signing = { method: 'POST', target: '/digest', body };
    const request = toSignedRequest({ ...signing, headers: [['date', date()], ...headers] });

    expect(await statusOf(request)).toBe(status);
  });

  it('gets a warning that an unsigned digest proves nothing', async () => {
    const line = await rig.artefact.logged({
      level: 'warn',
      parameter: '/countersign/local/routes/digest',
    });

    expect(line['message']).toContain('signed_headers has digest');
  });
});

it('carries the signature on under another name, or hides it under every name', async () => {
  const shown = await rig.ask(toSignedRequest());
  const hidden = await rig.ask(toSignedRequest({ target: '/hidden' }));
  const missing = await rig.ask('/hidden');

  expect(shown.arrived?.headers['x-original-authorization']).toContain('keyId="john-key"');
  expect(hidden.arrived?.headers['x-consumer-username']).toBe('john');
  expect(JSON.stringify(hidden.arrived)).not.toContain('john-key');
  expect([missing.status, missing.header('www-authenticate')]).toEqual([
    401,
    'hmac realm="orders"',
  ]);
});

it("treats an unsigned request as the anonymous consumer's, and refuses a wrong signature", async () => {
  const nothing = await rig.ask('/lenient');

  expect(nothing.arrived?.headers['x-consumer-username']).toBe('guest');
  expect(await statusOf(toSignedRequest({ target: '/lenient' }))).toBe(200);
  expect(await statusOf(toSignedRequest({ target: '/lenient', secret: 'x' }))).toBe(401);
});

it('writes neither secrets nor signatures to the log', async () => {
  await rig.ask(toSignedRequest());
  await rig.artefact.logged({ consumer: 'john' });

  expect(rig.artefact.text()).not.toMatch(/john-secret-key|john-key/);
});
