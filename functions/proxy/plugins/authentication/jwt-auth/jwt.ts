/**
 * Signed JSON Web Tokens, by jose. Which algorithm and which key count is the caller's to say: nothing in a token (`alg`,
 * `kid`, `jwk`, `jku`, `x5u`) chooses either.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { compactVerify, decodeJwt, errors, type JWTPayload } from 'jose';
import { decodeBase64Url } from '../../../http/decode.ts';

/** JWS algorithms with a shared secret (RFC 7518 §3.2). */
export type HmacAlgorithm = 'HS256' | 'HS384' | 'HS512';
/** JWS algorithms with a key pair (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1). */
export type KeyPairAlgorithm = keyof typeof keyPairAlgorithms;

/** A key, and the one algorithm that it is good for. */
export interface VerificationKey {
  readonly algorithm: HmacAlgorithm | KeyPairAlgorithm;
  readonly key: Uint8Array | KeyObject;
}

interface KeyPairAlgorithmDetails {
  readonly keyTypes: readonly string[];
  /** Name as OpenSSL has it. */
  readonly curve?: string;
  /** What messages expect of a document's key. */
  readonly expected: string;
}

const rsa = { keyTypes: ['rsa'], expected: 'an RSA public key of at least 2048 bits (PEM)' };

/** RFC 7518 §3.1, RFC 8037 §3.1 */
const keyPairAlgorithms = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: { keyTypes: ['ec'], curve: 'prime256v1', expected: 'a P-256 public key (PEM)' },
  ES384: { keyTypes: ['ec'], curve: 'secp384r1', expected: 'a P-384 public key (PEM)' },
  ES512: { keyTypes: ['ec'], curve: 'secp521r1', expected: 'a P-521 public key (PEM)' },
  EdDSA: { keyTypes: ['ed25519'], expected: 'an Ed25519 public key (PEM)' },
} as const satisfies Record<string, KeyPairAlgorithmDetails>;

/** Names of all algorithms with a key pair, for schemas. */
export const keyPairAlgorithmNames = Object.keys(keyPairAlgorithms) as readonly KeyPairAlgorithm[];

/** @returns undefined if the text is not a token; the result is not verified yet */
export function readUnverified(token: string): JWTPayload | undefined {
  // One token has one spelling: jose would pass over padding, blanks and bits that no byte has.
  if (!token.split('.').every((part) => decodeBase64Url(part))) return undefined;
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

/** The token's own `alg` has to be the key's algorithm, and decides nothing. */
export async function isSignedBy(
  token: string,
  { algorithm, key }: VerificationKey,
): Promise<boolean> {
  try {
    const { protectedHeader } = await compactVerify(token, key, { algorithms: [algorithm] });
    // RFC 7797 §7: no unencoded payload in a JWT.
    return protectedHeader.b64 !== false;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}

/**
 * A public key that fits the algorithm. Never a private one, though a public one could be made of it.
 *
 * @returns a sentence that says what was expected instead of the text
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
