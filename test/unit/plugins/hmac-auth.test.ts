import { hmacAuth } from '../../../functions/proxy/plugins/authentication/hmac-auth/hmac-auth.ts';
import { thrownBy, toRequest, toServices } from '../../support/builders.ts';
import { digestOf, type Signing, toSignedRequest } from '../../support/hmac-signer.ts';
import { consumerOf, preparePlugin, runPlugin, toConsumers } from '../../support/plugin-rig.ts';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const dateOf = (offsetSeconds: number) => new Date(nowMs + offsetSeconds * 1000).toUTCString();
const date = dateOf(0);
const consumers = toConsumers(hmacAuth, {
  john: { key_id: 'john-key', secret_key: 'john-secret-key' },
});
const refused = "client request can't be validated";
const missing = `${refused}: missing Authorization header`;

/** A signed request as the plugin gets it. */
function parts({ headers = [['date', date]], body = '', ...signing }: Signing = {}) {
  const signed = toSignedRequest({ headers, body, ...signing });
  const received = (signed.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]);
  return partsOf(Object.fromEntries(received), { body: Buffer.from(body), ...signing });
}

function partsOf(headers: Record<string, string>, request: object = {}) {
  const base = { method: 'GET', target: '/plain', ...request };
  return { request: toRequest({ ...base, headers }), exchange: { consumers }, nowMs };
}

const ask = (signing: Signing, config: object = {}) => consumerOf(hmacAuth, config, parts(signing));
const authorizationOf = (signing: Signing = {}) =>
  parts(signing).request.headers['authorization'] ?? '';

test.each<[string, Signing, object?]>([
  ['SHA-256', {}],
  ['SHA-1', { algorithm: 'hmac-sha1' }],
  ['SHA-512', { algorithm: 'hmac-sha512' }],
  ['the only algorithm', { algorithm: 'hmac-sha1' }, { allowed_algorithms: ['hmac-sha1'] }],
  ['method and target', { method: 'POST', target: '/a%20b//?x=1+2' }],
  ['another order', { signed: ['date', '@request-target'] }],
  ['names as the client writes them', { headers: [['Date', date]] }],
  ['x-date', { headers: [['x-date', date]] }],
  ['a late clock', { headers: [['date', dateOf(-300)]] }],
  ['an early clock', { headers: [['date', dateOf(300)]] }],
  [
    'a wanted header',
    {
      headers: [
        ['date', date],
        ['x-a', 'b'],
      ],
    },
    { signed_headers: ['X-A'] },
  ],
  [
    'a digest of the body',
    {
      body: 'b',
      headers: [
        ['date', date],
        ['digest', digestOf('b')],
      ],
    },
    { validate_request_body: true },
  ],
  [
    'a body that nobody looks at',
    {
      body: 'b',
      headers: [
        ['date', date],
        ['digest', 'x'],
      ],
    },
  ],
])('a request signed with %s passes', async (_, signing, config = {}) => {
  expect(await ask(signing, config)).toBe('john');
});

test.each<[string, Signing, object?]>([
  ['an unknown key', { keyId: 'eve' }],
  ['another secret', { secret: 'x' }],
  ["an unknown key's own secret", { keyId: 'eve', secret: 'nobody' }],
  ['another algorithm', { algorithm: 'hmac-sha256' }, { allowed_algorithms: ['hmac-sha1'] }],
  ['a later clock', { headers: [['date', dateOf(-301)]] }],
  ['an earlier clock', { headers: [['date', dateOf(301)]] }],
  [
    'a clock outside the skew of the route',
    { headers: [['date', dateOf(-11)]] },
    { clock_skew: 10 },
  ],
  ['no date', { headers: [['x-a', date]] }],
  ['a date of another form', { headers: [['date', '2026-01-02T03:04:05Z']] }],
  ['a date and more', { headers: [['date', `${date} x`]] }],
  ['more before a date', { headers: [['date', `x ${date}`]] }],
  ['a date that there is not', { headers: [['date', 'Xxx, 99 Xxx 2026 03:04:05 GMT']] }],
  ['a date that is not signed', { signed: ['@request-target'] }],
  ['no target', { signed: ['date'] }],
  ['a wanted header missing', {}, { signed_headers: ['x-a'] }],
  ['a header that did not come', { signed: ['@request-target', 'date', 'x-a'] }],
  ['a header twice', { signed: ['@request-target', 'date', 'Date'] }],
  [
    'the digest of another body',
    {
      body: 'b',
      headers: [
        ['date', date],
        ['digest', digestOf('x')],
      ],
    },
    { validate_request_body: true },
  ],
  ['no digest', { body: 'b' }, { validate_request_body: true }],
])('a request signed with %s is refused', async (_, signing, config = {}) => {
  expect(await ask(signing, config)).toBe(refused);
});

test('the signature is for one method, one target and each value', async () => {
  const headers = { date, authorization: authorizationOf() };
  const askFor = (more: object, request: object = {}) =>
    consumerOf(hmacAuth, {}, partsOf({ ...headers, ...more }, request));

  expect(await askFor({})).toBe('john');
  expect(await askFor({ date: dateOf(1) })).toBe(refused);
  expect(await askFor({}, { method: 'PUT' })).toBe(refused);
  expect(await askFor({}, { target: '/plain?' })).toBe(refused);
});

const good = authorizationOf();
const padding = (length: number) =>
  good.replace('keyId', `x="${'x'.repeat(length - good.length - 5)}",keyId`);

test.each<[string, string, string]>([
  ['unknown fields and numbers', good.replace('keyId', 'created=7,x="",keyId'), 'john'],
  ['blanks between fields', good.replaceAll('",', '"  ,  '), 'john'],
  ['blanks after the scheme', good.replace(' ', '   '), 'john'],
  ['8192 characters', padding(8192), 'john'],
  ['8193 characters', padding(8193), refused],
  ['the scheme in lower case', good.toLowerCase(), refused],
  ['another scheme before it', `x ${good}`, refused],
  ['no scheme', good.replace('Signature ', ''), refused],
  ['a field twice', good.replace('keyId', 'keyId="john-key",keyId'), refused],
  ['a field without quotes', good.replace('"john-key"', 'john-key'), refused],
  ['something between fields', good.replace('",', '";'), refused],
  ['no key id', good.replace('keyId="john-key",', ''), refused],
  ['no algorithm', good.replace('algorithm="hmac-sha256",', ''), refused],
  ['no signature', good.replace(/,signature=.*/, ''), refused],
  ['no headers', good.replace(/headers="[^"]*",/, ''), refused],
  ['a signature that is no base64', good.replace(/="$/, '"'), refused],
  ['an algorithm that there is not', good.replace('hmac-sha256', 'sha256'), refused],
  ['nothing', '', refused],
])('an authorization with %s: %#', async (_, authorization, expected) => {
  expect(await consumerOf(hmacAuth, {}, partsOf({ date, authorization }))).toBe(expected);
});

test('a request without authorization is a guest where the route has one, a wrong one is not', async () => {
  const lenient = { anonymous_consumer: 'guest' };

  expect(await consumerOf(hmacAuth, lenient, partsOf({}))).toBe('guest');
  expect(await consumerOf(hmacAuth, {}, partsOf({}))).toBe(missing);
  expect(await ask({ secret: 'x' }, lenient)).toBe(refused);
});

test('no key id is none, though a consumer were named like it', async () => {
  const own = toConsumers(hmacAuth, { odd: { key_id: 'undefined', secret_key: 's' } });
  const authorization = authorizationOf({ keyId: '', secret: 's' }).replace('keyId="",', '');
  const asked = { ...partsOf({ date, authorization }), exchange: { consumers: own } };

  expect(await consumerOf(hmacAuth, {}, asked)).toBe(refused);
});

test('the challenge names the realm of the route', async () => {
  const { error } = await runPlugin(hmacAuth, {}, partsOf({}));
  const own = await runPlugin(hmacAuth, { realm: 'orders' }, partsOf({}));

  expect(error?.headers).toEqual({ 'www-authenticate': 'hmac realm="hmac"' });
  expect(own.error?.headers).toEqual({ 'www-authenticate': 'hmac realm="orders"' });
});

test.each([
  [{}, true],
  [{ hide_credentials: true }, false],
])('under %j the authorization goes upstream: %s', async (config, isSent) => {
  const { passed } = await runPlugin(hmacAuth, config, parts());

  expect('authorization' in (passed?.request.headers ?? {})).toBe(isSent);
});

test.each([
  [{ validate_request_body: true }, 1],
  [{ validate_request_body: true, signed_headers: ['Digest'] }, 0],
  [{ signed_headers: ['date'] }, 0],
])('the settings %j give %i warnings', (config, count) => {
  const services = toServices();
  hmacAuth.prepare(config, services, { pointer: '', written: config });

  expect(services.warnings).toHaveLength(count);
});

test('the settings that a route refuses are told with those that there are', () => {
  const prepare = () => preparePlugin(hmacAuth, { allowed_algorithms: ['md5'] });

  expect(thrownBy(prepare)).toMatchObject({
    issues: [{ expected: 'one of hmac-sha1, hmac-sha256, hmac-sha512' }],
  });
});

test.each(['clock_skew', 'signed_headers', 'validate_request_body'])(
  'a consumer is told that %s is a setting of the route',
  (name) => {
    const settings = { key_id: 'a', secret_key: 'b', [name]: 1 };

    expect(thrownBy(() => toConsumers(hmacAuth, { ann: settings }))).toMatchObject({
      issues: [{ message: `no ${name}: since APISIX 3.11 it is the route's` }],
    });
  },
);

test.each([
  [{ validate_request_body: true, max_req_body_size: 4 }, 'BODY_TOO_LARGE'],
  [{ validate_request_body: true, max_req_body_size: 5 }, 'UNAUTHENTICATED'],
  [{ max_req_body_size: 4 }, undefined],
])('under %j a body of five bytes ends with %s', async (config, code) => {
  const { error } = await runPlugin(hmacAuth, config, parts({ body: 'hello' }));

  expect(error?.code).toBe(code);
});
