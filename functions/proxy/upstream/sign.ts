/**
 * SigV4. Keys, scope, headers and string to sign come from @smithy/signature-v4 with node:crypto underneath; path
 * and query are made canonical here, byte by byte, because its decoded query bag cannot hold `%FF` or a lone `%`.
 */
import {
  createHash,
  createHmac,
  createSecretKey,
  type Hash,
  type Hmac,
  type KeyObject,
} from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../config.ts';
import type { UpstreamRequest } from '../types.ts';
import { toCanonicalPath, toCanonicalQuery } from './canonical.ts';

/** Who signs, for what. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

export interface SignOptions extends SigningScope {
  readonly credentials: Credentials;
  /** Epoch ms. */
  readonly nowMs: number;
  /** Name of the header that carries the client's `Authorization`: signed, so that nobody can add one later. */
  readonly carriedHeader?: string;
}

/** VPC Lattice alone refuses a hashed payload (AWS: "VPC Lattice does not support payload signing"). */
const unsignedPayloadService = 'vpc-lattice-svcs';

/**
 * Signs `host`, `content-type`, the carried header, the headers that say who the client is, and the `x-amz-*` that it
 * adds; every other header may change on the way. Sign last: nothing may edit the request afterwards.
 *
 * @returns the request with `x-amz-date`, `x-amz-content-sha256`, `x-amz-security-token` and `authorization`
 */
export async function signRequest(
  request: UpstreamRequest,
  { region, service, credentials, nowMs, carriedHeader }: SignOptions,
): Promise<UpstreamRequest> {
  const payloadHash =
    service === unsignedPayloadService
      ? 'UNSIGNED-PAYLOAD'
      : createHash('sha256').update(request.body).digest('hex');
  const signer = new WireSigner({ credentials, region, service, sha256: NodeSha256 });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: '',
      path: request.path,
      // Only WireSigner reads it, so it may travel raw.
      query: { [rawQuery]: request.query },
      headers: {
        ...pickSigned(request, carriedHeader),
        'x-amz-content-sha256': payloadHash,
      },
    },
    { signingDate: new Date(nowMs) },
  );
  const own = new Set(request.headers.map(([name]) => name));
  const added = Object.entries(signed.headers).filter(([name]) => !own.has(name));
  return { ...request, headers: [...request.headers, ...added] };
}

const rawQuery = 'raw';

class WireSigner extends SignatureV4 {
  protected override createStringToSign(
    longDate: string,
    scope: string,
    canonicalRequest: string,
    algorithm: string,
  ): Promise<string> {
    return Promise.resolve(toStringToSign(canonicalRequest, { algorithm, longDate, scope }));
  }

  protected override createCanonicalRequest(
    { method, path, query }: Parameters<SignatureV4['presign']>[0],
    headers: Readonly<Record<string, string>>,
    payloadHash: string,
  ): string {
    const request = { method, path, query: String(query?.[rawQuery] ?? '') };
    return toCanonicalRequest(request, headers, payloadHash);
  }
}

/** @param headers those that are signed, lower case, their values folded */
export function toCanonicalRequest(
  { method, path, query }: Pick<UpstreamRequest, 'method' | 'path' | 'query'>,
  headers: Readonly<Record<string, string>>,
  payloadHash: string,
): string {
  const names = Object.keys(headers).sort();
  return [
    method,
    toCanonicalPath(path),
    toCanonicalQuery(query),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n');
}

interface SignatureScope {
  readonly algorithm: string;
  /** As in `x-amz-date`. */
  readonly longDate: string;
  /** `<date>/<region>/<service>/aws4_request` */
  readonly scope: string;
}

/** Header values are bytes, one character each; the library would hash their UTF-8 form, which is not what is sent. */
export function toStringToSign(
  canonicalRequest: string,
  { algorithm, longDate, scope }: SignatureScope,
): string {
  const hash = createHash('sha256').update(canonicalRequest, 'latin1').digest('hex');
  return [algorithm, longDate, scope, hash].join('\n');
}

/** smithy's hash interface over node:crypto: 8 to 12 times the speed of its JavaScript hash on large bodies. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toKey(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

/** On Node 24 an HMAC with a KeyObject costs 2 µs where one with a Buffer costs 14. */
function toKey(secret: string | ArrayBuffer | ArrayBufferView): KeyObject {
  if (typeof secret === 'string') return createSecretKey(secret, 'utf8');
  return createSecretKey(
    ArrayBuffer.isView(secret)
      ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
      : new Uint8Array(secret),
  );
}

function isAscii(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value);
}

function pickSigned(
  request: UpstreamRequest,
  carriedHeader: string | undefined,
): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of request.headers) {
    const isSigned =
      name === 'host' ||
      name.startsWith('x-amz-') ||
      // Not every verifier reads other bytes alike, and this header is signed by custom, not by duty.
      (name === 'content-type' && isAscii(value));
    if (isSigned || name === carriedHeader || request.identityNames?.includes(name))
      picked[name] = value;
  }
  return picked;
}
