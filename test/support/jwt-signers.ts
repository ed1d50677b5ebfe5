/** Consumers for every algorithm of JWTs, and their tokens: made by node:crypto, without the library that verifies them. */
import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export const toPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keyPairs = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
};

export const hmacSecret = 'long enough, for HS512 as well: 0123456789abcdef0123456789abcdef';
const hmacAlgorithms = ['HS256', 'HS384', 'HS512'] as const;
const keyPairAlgorithms = Object.keys(keyPairs) as (keyof typeof keyPairs)[];

export type Algorithm = (typeof hmacAlgorithms)[number] | keyof typeof keyPairs;
export const algorithms: readonly Algorithm[] = [...hmacAlgorithms, ...keyPairAlgorithms];

export const publicKeyOf = (algorithm: keyof typeof keyPairs): KeyObject =>
  keyPairs[algorithm].publicKey;

/** One consumer an algorithm, of the same name; `key-of-<algorithm>` is its key. */
export const jwtConsumers = Object.fromEntries(
  algorithms.map((algorithm) => {
    const own =
      algorithm in keyPairs
        ? { public_key: toPem(publicKeyOf(algorithm as keyof typeof keyPairs)) }
        : { secret: hmacSecret };
    return [algorithm, { 'jwt-auth': { key: `key-of-${algorithm}`, algorithm, ...own } }];
  }),
);

export function signToken(algorithm: Algorithm, claims: object, header: object = {}): string {
  const key =
    algorithm in keyPairs
      ? keyPairs[algorithm as keyof typeof keyPairs].privateKey
      : Buffer.from(hmacSecret);
  return signWith(key, claims, { alg: algorithm, ...header });
}

export function signWith(
  key: KeyObject | Buffer,
  claims: object,
  header: { readonly alg: string },
): string {
  const signed = `${toPart(header)}.${toPart(claims)}`;
  return `${signed}.${toSignature(header.alg, key, signed).toString('base64url')}`;
}

/** RFC 7518 §3.1, RFC 8037 §3.1 */
function toSignature(algorithm: string, key: KeyObject | Buffer, signed: string): Buffer {
  const hash = `sha${algorithm.slice(2)}`;
  if (Buffer.isBuffer(key)) return createHmac(hash, key).update(signed).digest();
  const bytes = Buffer.from(signed);
  if (algorithm === 'EdDSA') return sign(null, bytes, key);
  if (algorithm.startsWith('ES')) return sign(hash, bytes, { key, dsaEncoding: 'ieee-p1363' });
  if (algorithm.startsWith('RS')) return sign(hash, bytes, key);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign(hash, bytes, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}

export const toPart = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with an HMAC; its header may name another algorithm. */
export function forgeToken(
  header: object,
  claims: object,
  key: string | Buffer,
  hash = 'sha256',
): string {
  const signed = `${toPart(header)}.${toPart(claims)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

export const bearer = (token: string): [string, string][] => [['Authorization', `Bearer ${token}`]];
