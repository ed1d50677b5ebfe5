/** jwt-auth against tokens that were not signed by whom they name. */
import { generateKeyPairSync } from 'node:crypto';
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';
import {
  type Algorithm,
  algorithms,
  bearer,
  forgeToken,
  hmacSecret,
  jwtConsumers,
  publicKeyOf,
  signToken,
  signWith,
  toPart,
  toPem,
} from '../../support/jwt-signers.ts';

const nowSeconds = Math.floor(Date.now() / 1000);
const key = 'key-of-HS256';
const forge = (claims: object, header: object = {}) =>
  forgeToken({ alg: 'HS256', ...header }, claims, hmacSecret);

let rig: GuardedRoutes;
let good: string;

beforeAll(async () => {
  good = await signToken('HS256', { key });
  rig = await startGuardedRoutes({
    routes: {
      plain: { 'jwt-auth': {} },
      inherited: { 'jwt-auth': { key_claim_name: 'constructor', header: 'constructor' } },
    },
    consumers: jwtConsumers,
  });
});

afterAll(() => rig.close());

const statusOf = async (token: string) => (await rig.ask('/plain', bearer(token))).status;

it.each(algorithms)('%s: a changed token, and one that names another, is refused', async (own) => {
  const token = await signToken(own, { key: `key-of-${own}` });
  const other = own === 'HS256' ? 'HS512' : 'HS256';
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const flipped = Buffer.from(bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte)));
  const forged = [
    `${header}.${payload}.${flipped.toString('base64url')}`,
    `${header}.${toPart({ key: `key-of-${other}` })}.${signature}`,
    await signToken(own, { key: `key-of-${other}` }),
    `${header}.${payload}.${Buffer.alloc(bytes.length).toString('base64url')}`,
    `${header}.${payload}.AA`,
    `${header}.${payload}.`,
  ];

  expect(await statusOf(token)).toBe(200);
  for (const one of forged) expect(await statusOf(one)).toBe(401);
});

describe('an algorithm', () => {
  const publicPem = toPem(publicKeyOf('RS256'));
  const publicDer = publicKeyOf('RS256').export({ type: 'spki', format: 'der' });
  const claims = { key: 'key-of-RS256' };
  const unsigned = (alg: unknown, signature = 'AA') =>
    `${toPart(alg === undefined ? {} : { alg })}.${toPart(claims)}.${signature}`;

  it.each([
    ['none, without a signature', unsigned('none', '')],
    ['none', unsigned('none')],
    ['nOnE', unsigned('nOnE')],
    ['not there', unsigned(undefined)],
    ['null', unsigned(null)],
    ['a list', unsigned(['RS256'])],
    ['an inherited name', unsigned('constructor')],
    ['HS256, the public key its secret', forgeToken({ alg: 'HS256' }, claims, publicPem)],
    ['HS256, the trimmed key its secret', forgeToken({ alg: 'HS256' }, claims, publicPem.trim())],
    ["HS256, the key's DER its secret", forgeToken({ alg: 'HS256' }, claims, publicDer)],
    ['HS256, with an empty secret', forgeToken({ alg: 'HS256' }, claims, '')],
    ['RS256 over an HMAC', forgeToken({ alg: 'RS256' }, claims, publicPem)],
  ])('that is %s is refused for a consumer with RS256', async (_, token) => {
    expect(await statusOf(token)).toBe(401);
  });

  it.each<[Algorithm, Algorithm]>([
    ['RS256', 'RS384'],
    ['RS256', 'PS256'],
    ['PS256', 'RS256'],
    ['HS256', 'HS512'],
    ['HS512', 'HS256'],
  ])('that is not its own is refused: %s for %s, with the same key', async (alg, own) => {
    expect(await statusOf(await signToken(alg, { key: `key-of-${own}` }))).toBe(401);
    expect(await statusOf(await signToken(own, { key: `key-of-${own}` }))).toBe(200);
  });

  it('that only the header has changed is refused', async () => {
    expect(await statusOf(forge({ key }, { alg: 'HS512' }))).toBe(401);
    expect(await statusOf(forge({ key }))).toBe(200);
  });
});

it.each([
  ['kid', { kid: '../../../dev/null' }],
  ['kid with a statement', { kid: "x' UNION SELECT 'secret" }],
  ['jwk', { jwk: publicKeyOf('ES256').export({ format: 'jwk' }) }],
  ['jku', { jku: 'http://127.0.0.1:1/jwks.json' }],
  ['x5u', { x5u: 'http://127.0.0.1:1/cert.pem' }],
  ['x5c', { x5c: ['MIIB'] }],
])('a key that a token brings or names counts nothing: %s', async (_, header) => {
  expect(await statusOf(forgeToken({ alg: 'HS256', ...header }, { key }, ''))).toBe(401);
  expect(await statusOf(forge({ key }, header))).toBe(200);
});

it('a key that a token carries does not verify it', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = { alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) };

  expect(await statusOf(await signWith(privateKey, { key: 'key-of-ES256' }, header))).toBe(401);
});

it.each([
  ['zeros', Buffer.alloc(64)],
  ['ones', Buffer.alloc(64, 0xff)],
  ['DER', Buffer.from('3006020101020101', 'hex')],
])('an ECDSA signature of %s is none', async (_, bytes) => {
  const [header, payload] = (await signToken('ES256', { key: 'key-of-ES256' })).split('.');

  expect(await statusOf(`${header}.${payload}.${bytes.toString('base64url')}`)).toBe(401);
});

const invalid = 'JWT token invalid';
const unverified = 'failed to verify jwt';
const keyless = 'missing user key in JWT token';
const unknown = 'Invalid user key in JWT token';

it.each<[string, () => string, string]>([
  ['two parts', () => good.split('.').slice(0, 2).join('.'), invalid],
  ['four parts', () => `${good}.AA`, invalid],
  ['five parts, as an encrypted one has', () => `${good}.AA.AA`, invalid],
  ['nothing', () => '', invalid],
  ['two dots', () => '..', invalid],
  ['padding', () => `${good}=`, invalid],
  ['the letters of plain base64', () => `${good}+/`, invalid],
  ['a blank', () => good.replace('.', '. '), invalid],
  // The 43rd letter of 32 bytes has two bits that no byte has.
  ['a signature spelled otherwise', () => good.replace(/.$/, toNeighbour), invalid],
  ['a header that is no JSON', () => `AAAA.${good.split('.').slice(1).join('.')}`, unverified],
  ['claims that are a list', () => forge([key]), invalid],
  ['claims that are null', () => `${toPart({ alg: 'HS256' })}.bnVsbA.AA`, invalid],
  ['crit', () => forge({ key }, { crit: ['exp'] }), unverified],
  ['an unencoded payload', () => forge({ key }, { b64: false, crit: ['b64'] }), unverified],
  ['more than 8192 characters', () => forge({ key, x: 'x'.repeat(9000) }), invalid],
  ['no key', () => forge({ sub: key }), keyless],
  ['a key that is a number', () => forge({ key: 7 }), keyless],
  ['a key that is a list', () => forge({ key: [key] }), keyless],
  ['an unknown key', () => forge({ key: 'eve' }), unknown],
  ["the consumer's name as key", () => forge({ key: 'HS256' }), unknown],
  ['an inherited key', () => forge({ key: '__proto__' }), unknown],
  ['exp in the past', () => forge({ key, exp: nowSeconds - 1 }), unverified],
  ['exp 0', () => forge({ key, exp: 0 }), unverified],
  ['exp as text', () => forge({ key, exp: '9999999999' }), unverified],
  ['exp null', () => forge({ key, exp: null }), unverified],
  ['nbf in the future', () => forge({ key, nbf: nowSeconds + 600 }), unverified],
  ['nbf as text', () => forge({ key, nbf: '0' }), unverified],
])('a token with %s is refused', async (_, make, detail) => {
  const answer = await rig.ask('/plain', bearer(make()));

  expect([answer.status, answer.detail]).toEqual([401, detail]);
  expect(answer.header('www-authenticate')).toBe('Bearer realm="jwt"');
  expect(answer.arrived).toBeUndefined();
});

it('a claim or a header that objects inherit is not there', async () => {
  const claims = JSON.parse(`{"constructor":"${key}","__proto__":{"key":"x"}}`) as object;

  expect((await rig.ask('/inherited')).detail).toBe('Missing JWT token in request');
  expect((await rig.ask('/inherited', [['constructor', good]])).detail).toBe(keyless);
  expect((await rig.ask('/inherited', [['constructor', forge(claims)]])).status).toBe(200);
});

function toNeighbour(letter: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return letters[letters.indexOf(letter) ^ 1] ?? '';
}
