/** Consumers for every algorithm of JWTs, and their tokens: jose makes them, which shares no code with jwt-auth. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';

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
export const hmacAlgorithms = ['HS256', 'HS384', 'HS512'] as const;
export const keyPairAlgorithms = Object.keys(keyPairs) as (keyof typeof keyPairs)[];

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

export async function signToken(
  algorithm: Algorithm,
  claims: object,
  header: object = {},
): Promise<string> {
  const key =
    algorithm in keyPairs
      ? keyPairs[algorithm as keyof typeof keyPairs].privateKey
      : Buffer.from(hmacSecret);
  return signWith(key, claims, { alg: algorithm, ...header });
}

export function signWith(
  key: KeyObject | Uint8Array,
  claims: object,
  header: { readonly alg: string },
): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
}

export const toPart = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that jose would not make. */
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
