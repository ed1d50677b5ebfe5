import { generateKeyPairSync } from 'node:crypto';
import * as v from 'valibot';
import { jwtAuth } from '../../../functions/proxy/plugins/authentication/jwt-auth/jwt-auth.ts';
import { thrownBy } from '../../support/builders.ts';
import {
  algorithms,
  forgeToken,
  hmacSecret,
  jwtConsumers,
  publicKeyOf,
  signToken,
  signWith,
  toPart,
  toPem,
} from '../../support/jwt-signers.ts';
import { consumerOf, preparePlugin, runPlugin, toConsumers } from '../../support/plugin-rig.ts';

const nowSeconds = 1_767_323_045;
const base64 = Buffer.from(hmacSecret).toString('base64');
const consumers = toConsumers(jwtAuth, {
  ...Object.fromEntries(
    Object.entries(jwtConsumers).map(([name, settings]) => [name, settings['jwt-auth']]),
  ),
  encoded: { key: 'encoded', secret: base64, base64_secret: true },
  late: { key: 'late', secret: hmacSecret, lifetime_grace_period: 10 },
});
const key = 'key-of-HS256';
const good = signToken('HS256', { key });
const parts = (headers: Record<string, string>, query = '') => ({
  request: { headers, query },
  exchange: { consumers },
  nowMs: nowSeconds * 1000,
});
const ask = (token: string, config: object = {}) =>
  consumerOf(jwtAuth, config, parts({ authorization: `Bearer ${token}` }));

const missing = 'Missing JWT token in request';
const invalid = 'JWT token invalid';
const unverified = 'failed to verify jwt';

test.each(algorithms)('%s: a token is from the consumer whose key has signed it', async (name) => {
  expect(await ask(signToken(name, { key: `key-of-${name}` }))).toBe(name);
});

test.each<[string, object, Record<string, string>, string, string]>([
  ['in the header', {}, { authorization: `Bearer ${good}` }, '', 'HS256'],
  [
    'in the header, with any case and blanks',
    {},
    { authorization: `bEARER  ${good}` },
    '',
    'HS256',
  ],
  ['in the header alone', {}, { authorization: good }, '', 'HS256'],
  ['in the query', {}, {}, `a=1&jwt=${good}`, 'HS256'],
  ['in a cookie', {}, { cookie: `a=1; jwt=${good}` }, '', 'HS256'],
  ['in a header of its own', { header: 'X-Token' }, { 'x-token': good }, '', 'HS256'],
  ['in a parameter of its own', { query: 't' }, {}, `t=${good}`, 'HS256'],
  ['in a cookie of its own', { cookie: 't' }, { cookie: `t=${good}` }, '', 'HS256'],
  ['in another header', { header: 'x-token' }, { authorization: good }, '', missing],
  ['in another parameter', { query: 't' }, {}, `jwt=${good}`, missing],
  ['in another cookie', { cookie: 't' }, { cookie: `jwt=${good}` }, '', missing],
  ['behind another one in the header', {}, { authorization: 'x' }, `jwt=${good}`, invalid],
  ['behind another one in the query', {}, { cookie: `jwt=${good}` }, 'jwt=x', invalid],
  ['in two halves', {}, {}, `jwt=${good.slice(0, 9)}&jwt=${good.slice(9)}`, invalid],
  ['after a scheme in its middle', {}, { authorization: `x Bearer ${good}` }, '', invalid],
  ['nowhere', {}, {}, '', missing],
  ['nowhere, for a guest', { anonymous_consumer: 'guest' }, {}, '', 'guest'],
  ['wrong, for a guest', { anonymous_consumer: 'guest' }, { authorization: 'x' }, '', invalid],
])('a token %s: %j', async (_, config, headers, query, expected) => {
  expect(await consumerOf(jwtAuth, config, parts(headers, query))).toBe(expected);
});

test.each<[string, string, string]>([
  ['no text of claims', 'a.b.c', invalid],
  ['claims that are a list', forgeToken({ alg: 'HS256' }, [], hmacSecret), invalid],
  ['padding', `${good}=`, invalid],
  [
    'a name that no consumer has',
    signToken('HS256', { key: 'x' }),
    'Invalid user key in JWT token',
  ],
  ['no name', signToken('HS256', {}), 'missing user key in JWT token'],
  ['a number as name', signToken('HS256', { key: 7 }), 'missing user key in JWT token'],
  ['another secret', forgeToken({ alg: 'HS256' }, { key }, 'x'), unverified],
  ['another algorithm', forgeToken({ alg: 'HS512' }, { key }, hmacSecret, 'sha512'), unverified],
  ['no algorithm', `${toPart({ alg: 'none' })}.${toPart({ key })}.`, unverified],
  ['an unencoded payload', signToken('HS256', { key }, { b64: false, crit: ['b64'] }), unverified],
  [
    'the published key as a secret',
    forgeToken({ alg: 'HS256' }, { key: 'key-of-RS256' }, toPem(publicKeyOf('RS256'))),
    unverified,
  ],
  ["a secret's base64", forgeToken({ alg: 'HS256' }, { key: 'encoded' }, base64), unverified],
  ["base64's secret", forgeToken({ alg: 'HS256' }, { key: 'encoded' }, hmacSecret), 'encoded'],
])('a token with %s: %#', async (_, token, expected) => {
  expect(await ask(token)).toBe(expected);
});

test('the claim that names the consumer is the one that the route says', async () => {
  expect(await ask(signToken('HS256', { iss: key }), { key_claim_name: 'iss' })).toBe('HS256');
  expect(await ask(good, { key_claim_name: 'constructor' })).toBe('missing user key in JWT token');
});

test.each<[string, object, object, boolean]>([
  [key, { exp: nowSeconds }, {}, false],
  [key, { exp: nowSeconds + 1 }, {}, true],
  [key, { nbf: nowSeconds }, {}, true],
  [key, { nbf: nowSeconds + 1 }, {}, false],
  [key, { exp: String(nowSeconds + 1) }, {}, false],
  [key, { exp: nowSeconds + 1, nbf: nowSeconds + 1 }, {}, false],
  ['late', { exp: nowSeconds - 10 }, {}, false],
  ['late', { exp: nowSeconds - 9 }, {}, true],
  ['late', { nbf: nowSeconds + 10 }, {}, true],
  ['late', { nbf: nowSeconds + 11 }, {}, false],
  [key, {}, { claims_to_verify: [] }, true],
  [key, { exp: 0 }, { claims_to_verify: [] }, false],
  [key, { exp: 0, nbf: nowSeconds }, { claims_to_verify: ['nbf'] }, true],
  [key, { exp: 0 }, { claims_to_verify: ['nbf'] }, false],
  [key, { nbf: nowSeconds + 1 }, { claims_to_verify: ['nbf'] }, false],
  [key, { exp: nowSeconds + 1 }, { claims_to_verify: ['exp', 'nbf'] }, false],
  [key, { exp: nowSeconds + 1 }, { claims_to_verify: ['exp'] }, true],
])('a token of %s with %j passes under %j: %s', async (name, claims, config, expected) => {
  const username = name === key ? 'HS256' : name;

  expect(await ask(signToken('HS256', { key: name, ...claims }), config)).toBe(
    expected ? username : unverified,
  );
});

test.each([
  [8192, 'HS256'],
  [8193, invalid],
])('a token of %i characters: %s', async (length, expected) => {
  const token = tokenOf(length);

  expect(token).toHaveLength(length);
  expect(await ask(token)).toBe(expected);
});

/** Base64 has no text of some lengths, so that header and claims fill the token together. */
function tokenOf(length: number): string {
  for (const pad of ['', 'x', 'xx']) {
    for (let rest = Math.floor(length * 0.7); rest < length; rest += 1) {
      const token = signToken('HS256', { key, pad: 'x'.repeat(rest) }, { pad });
      if (token.length === length) return token;
      if (token.length > length) break;
    }
  }
  throw new Error(`no token of ${length} characters`);
}

test('a hidden token goes upstream from no place, and what is beside it does', async () => {
  const headers = { authorization: good, cookie: `a=1; jwt=${good}; b=2` };
  const asked = parts(headers, `a=1&jwt=${good}&b=2`);
  const hidden = await runPlugin(jwtAuth, { hide_credentials: true }, asked);
  const shown = await runPlugin(jwtAuth, {}, asked);

  expect({ ...hidden.passed?.request.headers }).toEqual({ cookie: 'a=1; b=2' });
  expect(hidden.passed?.request.query).toBe('a=1&b=2');
  expect(shown.passed?.request).toMatchObject({ headers, query: asked.request.query });
});

test('the challenge names the realm of the route', async () => {
  const { error } = await runPlugin(jwtAuth, {}, parts({}));
  const own = await runPlugin(jwtAuth, { realm: 'orders' }, parts({}));

  expect(error?.headers).toEqual({ 'www-authenticate': 'Bearer realm="jwt"' });
  expect(own.error?.headers).toEqual({ 'www-authenticate': 'Bearer realm="orders"' });
});

test('the parameter that carries the token is masked in the log', () => {
  expect(preparePlugin(jwtAuth, {}).secretParameters).toEqual(['jwt']);
  expect(preparePlugin(jwtAuth, { query: 't' }).secretParameters).toEqual(['t']);
});

test('an error that is none of the token is not taken for a wrong signature', async () => {
  const settings = { verification: { algorithm: 'RS256', key: 'no key' }, graceMs: 0 };
  const findAll = () => [{ consumer: consumers.findByName('guest'), settings }];
  const exchange = { consumers: { ...consumers, findAll } as unknown as typeof consumers };
  const token = signWith(Buffer.from(hmacSecret), { key }, { alg: 'RS256' });
  const asked = { ...parts({ authorization: token }), exchange };

  await expect(runPlugin(jwtAuth, {}, asked)).rejects.toBeInstanceOf(TypeError);
});

const issueOf = (settings: object) => {
  const schema = jwtAuth.consumer?.schema ?? v.never();
  const error = thrownBy(() => v.parse(schema, { key: 'k', ...settings })) as v.ValiError<
    typeof schema
  >;
  const [{ message, path = [] } = error.issues[0]] = error.issues;
  return { at: path.map((item) => item.key).join('/'), message };
};
const secret = 's';
const x25519 = toPem(generateKeyPairSync('x25519').publicKey);
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
const privatePem = short.privateKey.export({ type: 'pkcs8', format: 'pem' });

test.each<[object, string, RegExp]>([
  [{}, 'secret', /^a secret, beside HS256$/],
  [{ secret: '' }, 'secret', /not empty/],
  [{ secret, public_key: 'x' }, 'public_key', /^no public key beside HS256/],
  [{ secret: '-----BEGIN PUBLIC KEY-----' }, 'secret', /no PEM/],
  [{ secret: 'no base64', base64_secret: true }, 'secret', /^base64/],
  [{ algorithm: 'none', secret }, 'algorithm', /^one of HS256, HS384, .*EdDSA$/],
  [{ algorithm: 'RS256' }, 'public_key', /^an RSA public key/],
  [{ algorithm: 'RS256', public_key: 'x' }, 'public_key', /^an RSA public key/],
  [{ algorithm: 'RS256', public_key: privatePem }, 'public_key', /not the private one$/],
  [{ algorithm: 'RS256', public_key: toPem(short.publicKey) }, 'public_key', /2048 bits/],
  [{ algorithm: 'RS256', public_key: x25519 }, 'public_key', /^an RSA public key/],
  [{ algorithm: 'EdDSA', public_key: x25519 }, 'public_key', /Ed25519/],
  [{ algorithm: 'ES256', public_key: toPem(publicKeyOf('ES384')) }, 'public_key', /P-256/],
  [{ algorithm: 'ES384', public_key: toPem(publicKeyOf('ES512')) }, 'public_key', /P-384/],
  [{ algorithm: 'ES512', public_key: toPem(publicKeyOf('RS256')) }, 'public_key', /P-521/],
  [{ algorithm: 'EdDSA', public_key: toPem(publicKeyOf('ES256')) }, 'public_key', /Ed25519/],
])('the settings %j of a consumer are refused at %s', (settings, at, message) => {
  expect(issueOf(settings)).toEqual({ at, message: expect.stringMatching(message) });
});

test.each([
  [
    { algorithm: 'ES256', public_key: toPem(publicKeyOf('ES256')), secret },
    [/not read beside ES256/],
  ],
  [{ algorithm: 'ES256', public_key: toPem(publicKeyOf('ES256')) }, []],
  [{ secret }, []],
])('a secret that says nothing is warned of: %#', (settings, expected) => {
  const { schema = v.never(), toWarnings } = jwtAuth.consumer ?? {};
  const warnings = toWarnings?.(v.parse(schema, { key: 'k', ...settings }));

  expect(warnings).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
});
