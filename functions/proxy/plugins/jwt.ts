/**
 * Signed JSON Web Tokens in compact form (RFC 7515, 7519). Which algorithm and which key count is the caller's to say:
 * nothing in a token (`alg`, `kid`, `jwk`, `jku`, `x5u`) chooses either.
 */
import {
  constants,
  createHmac,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { decodeBase64Url } from './secrets.ts';

export interface Jwt {
  /** What its header says it is signed with. */
  readonly algorithm: unknown;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The bytes that are signed. */
  readonly signed: string;
  readonly signature: Buffer;
}

export type HmacAlgorithm = 'HS256' | 'HS384' | 'HS512';
export type KeyPairAlgorithm = keyof typeof keyPairAlgorithms;

/** A key, and the one algorithm that it is good for. */
export type VerificationKey =
  | { readonly algorithm: HmacAlgorithm; readonly secret: Buffer }
  | { readonly algorithm: KeyPairAlgorithm; readonly publicKey: KeyObject };

interface KeyPairAlgorithmDetails {
  /** Undefined where the algorithm has a hash of its own. */
  readonly hash: string | undefined;
  readonly keyTypes: readonly string[];
  /** Names as OpenSSL has them. */
  readonly curve?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** What a document is told to bring. */
  readonly expected: string;
}

const rsa = { keyTypes: ['rsa'], expected: 'an RSA public key of at least 2048 bits (PEM)' };
const pss = {
  ...rsa,
  options: {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  },
};
const ecdsa = { keyTypes: ['ec'], options: { dsaEncoding: 'ieee-p1363' } };

/** RFC 7518 §3.1, RFC 8037 §3.1 */
const keyPairAlgorithms = {
  RS256: { ...rsa, hash: 'sha256' },
  RS384: { ...rsa, hash: 'sha384' },
  RS512: { ...rsa, hash: 'sha512' },
  PS256: { ...pss, hash: 'sha256' },
  PS384: { ...pss, hash: 'sha384' },
  PS512: { ...pss, hash: 'sha512' },
  ES256: { ...ecdsa, hash: 'sha256', curve: 'prime256v1', expected: 'a P-256 public key (PEM)' },
  ES384: { ...ecdsa, hash: 'sha384', curve: 'secp384r1', expected: 'a P-384 public key (PEM)' },
  ES512: { ...ecdsa, hash: 'sha512', curve: 'secp521r1', expected: 'a P-521 public key (PEM)' },
  EdDSA: {
    hash: undefined,
    keyTypes: ['ed25519', 'ed448'],
    expected: 'an Ed25519 or Ed448 public key (PEM)',
  },
} as const satisfies Record<string, KeyPairAlgorithmDetails>;

export const keyPairAlgorithmNames = Object.keys(keyPairAlgorithms) as readonly KeyPairAlgorithm[];

/** @returns undefined for whatever is no token; nothing of it has been verified yet */
export function parseJwt(token: string): Jwt | undefined {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0) return undefined;
  const fields = parsePart(header);
  const claims = parsePart(payload);
  const bytes = decodeBase64Url(signature);
  if (!fields || !claims || !bytes || bytes.length === 0) return undefined;
  // Extensions that must be understood are not (RFC 7515 §4.1.11).
  if (fields['crit'] !== undefined) return undefined;
  const { alg: algorithm } = fields;
  return { algorithm, claims, signed: `${header}.${payload}`, signature: bytes };
}

/** The token's own `alg` has to be the key's algorithm, and decides nothing. */
export function isSignedBy({ algorithm, signed, signature }: Jwt, key: VerificationKey): boolean {
  if (algorithm !== key.algorithm) return false;
  if ('secret' in key) {
    const expected = createHmac(`sha${key.algorithm.slice(2)}`, key.secret)
      .update(signed)
      .digest();
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
  const { hash, options }: KeyPairAlgorithmDetails = keyPairAlgorithms[key.algorithm];
  return verify(hash, Buffer.from(signed), { key: key.publicKey, ...options }, signature);
}

/**
 * A public key that fits the algorithm. Never a private one, though a public one could be made of it.
 *
 * @returns a sentence of what was expected in place of the text
 */
export function readPublicKey(
  pem: string,
  algorithm: KeyPairAlgorithm,
): { readonly publicKey: KeyObject } | { readonly expected: string } {
  const { expected, keyTypes, curve }: KeyPairAlgorithmDetails = keyPairAlgorithms[algorithm];
  try {
    if (pem.includes('PRIVATE KEY')) return { expected: `${expected}, and not the private one` };
    const publicKey = createPublicKey(pem);
    const { asymmetricKeyType: type = '', asymmetricKeyDetails: details = {} } = publicKey;
    const fits =
      keyTypes.includes(type) &&
      details.namedCurve === curve &&
      // RFC 7518 §3.3
      (details.modulusLength ?? 2048) >= 2048;
    return fits ? { publicKey } : { expected };
  } catch {
    return { expected };
  }
}

function parsePart(text: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decodeBase64Url(text);
  if (!bytes) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
