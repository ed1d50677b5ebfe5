/**
 * An identity provider on loopback with discovery and rotating keys. Its tokens are created without the library that
 * verifies them.
 */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { startUpstream, type Upstream } from './upstream.ts';

export type ProviderAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: ProviderAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly discovery: string;
  /** The published keys. */
  keys: readonly SigningKey[];
  /** Wrong answers by path. */
  readonly faults: Map<string, number | string | 'silence'>;
  /** Number of requests for a path. */
  asked(path: string): number;
  close(): Promise<void>;
}

export function createKey(kid: string, algorithm: ProviderAlgorithm = 'RS256'): SigningKey {
  const { privateKey, publicKey } = generate(algorithm);
  return { kid, algorithm, privateKey, publicKey };
}

export async function startIdentityProvider(
  keys: readonly SigningKey[],
): Promise<IdentityProvider> {
  const faults: IdentityProvider['faults'] = new Map();
  const upstream: Upstream = await startUpstream({
    answer: ({ target }, response) => {
      const fault = faults.get(target);
      if (fault === 'silence') return;
      if (typeof fault === 'number') response.writeHead(fault).end();
      else response.end(fault ?? JSON.stringify(answers[target]?.() ?? {}));
    },
  });
  const answers: Readonly<Record<string, () => unknown>> = {
    '/.well-known/openid-configuration': () => ({
      issuer: upstream.url,
      jwks_uri: `${upstream.url}/keys`,
    }),
    '/keys': () => toKeySet(provider.keys),
  };
  const provider: IdentityProvider = {
    issuer: upstream.url,
    discovery: `${upstream.url}/.well-known/openid-configuration`,
    keys,
    faults,
    asked: (path) => upstream.received.filter(({ target }) => target === path).length,
    close: upstream.close,
  };
  return provider;
}

/** @returns a JSON Web Key Set (RFC 7517 §5), as providers publish it */
export function toKeySet(keys: readonly SigningKey[]) {
  return {
    keys: keys.map(({ kid, algorithm, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      alg: algorithm,
      use: 'sig',
    })),
  };
}

/** @param header members that replace the correct ones; with `alg: 'none'` the signature is empty */
export function createToken(
  key: SigningKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const full = { alg: key.algorithm, kid: key.kid, typ: 'JWT', ...header };
  const signed = `${encode(full)}.${encode(claims)}`;
  return `${signed}.${toSignature(signed, key, full).toString('base64url')}`;
}

function toSignature(signed: string, key: SigningKey, { alg }: { readonly alg?: unknown }): Buffer {
  const bytes = Buffer.from(signed);
  if (alg === 'none') return Buffer.alloc(0);
  if (alg === 'HS256') {
    // An attack that signs with the published key as a shared secret (algorithm confusion).
    const pem = key.publicKey.export({ format: 'pem', type: 'spki' });
    return createHmac('sha256', pem).update(bytes).digest();
  }
  const { privateKey } = key;
  if (alg === 'EdDSA') return sign(null, bytes, privateKey);
  if (alg === 'ES256') return sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  if (alg === 'PS256')
    return sign('sha256', bytes, { key: privateKey, padding: 6, saltLength: 32 });
  return sign('sha256', bytes, privateKey);
}

function generate(algorithm: ProviderAlgorithm) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
