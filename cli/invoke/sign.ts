/**
 * Signs the CLI's own calls with the AWS SDK's signer, @smithy/signature-v4. The proxy has its own signer
 * (docs/decisions.md, decision 1), so each call of the CLI compares the two implementations.
 */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { findHeader } from '../../functions/proxy/http/headers.ts';
import type { HeaderList, UpstreamRequest } from '../../functions/proxy/http/message.ts';
import type { Credentials } from '../../functions/proxy/sign/provider.ts';
import type { SigningScope } from '../../functions/proxy/sign/sign.ts';
import { CliError } from '../terminal/cli-error.ts';

interface SignOptions {
  readonly scope: SigningScope;
  readonly credentials: Credentials;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** VPC Lattice does not support payload signing, and expects this word in place of a hash. */
const unsignedPayloadService = 'vpc-lattice-svcs';

/**
 * @returns the request with `x-amz-content-sha256`, `x-amz-date`, `x-amz-security-token` and `authorization` added
 * @throws CliError `USAGE` for a query that is not UTF-8: the library takes parameters as decoded text
 */
export async function signCall(
  request: UpstreamRequest,
  { scope, credentials, nowMs }: SignOptions,
): Promise<UpstreamRequest> {
  const { method, path, query, headers, body } = request;
  const payloadHash =
    scope.service === unsignedPayloadService
      ? 'UNSIGNED-PAYLOAD'
      : createHash('sha256').update(body).digest('hex');
  const given = new Set(headers.map(([name]) => name));
  const signer = new SignatureV4({ ...scope, credentials, sha256: NodeSha256 });
  const signed = await signer.sign(
    {
      method,
      protocol: 'https:',
      hostname: findHeader(headers, 'host') ?? '',
      path,
      query: toParameters(query),
      headers: { ...joinHeaders(headers), 'x-amz-content-sha256': payloadHash },
      body,
    },
    { signingDate: new Date(nowMs) },
  );
  const added = Object.entries(signed.headers).filter(([name]) => !given.has(name));
  return { ...request, headers: [...headers, ...added] };
}

function toParameters(query: string): Record<string, string[]> {
  const parameters: Record<string, string[]> = Object.create(null);
  for (const part of query.split('&').filter((text) => text !== '')) {
    const [name = '', ...value] = part.split('=');
    const key = decode(name);
    parameters[key] = [...(parameters[key] ?? []), decode(value.join('='))];
  }
  return parameters;
}

/** A `%` that does not begin an escape is a literal `%`, as in the canonical request. */
function decode(text: string): string {
  const bytes = Buffer.concat(
    text
      .split(/(%[0-9a-f]{2})/i)
      .map((part) =>
        /^%[0-9a-f]{2}$/i.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part),
      ),
  );
  const decoded = bytes.toString('utf8');
  if (Buffer.from(decoded).equals(bytes)) return decoded;
  throw new CliError(
    'USAGE',
    `URL: the query has ${text}, which is not UTF-8. The AWS SDK cannot sign it.`,
  );
}

/** A repeated header is signed as one header with its values joined in order. */
function joinHeaders(headers: HeaderList): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of headers) {
    const before = joined[name];
    joined[name] = before === undefined ? value : `${before},${value}`;
  }
  return joined;
}

/** SHA-256 of node:crypto with the interface that the library expects. */
export class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret instanceof ArrayBuffer ? new Uint8Array(secret) : secret;
    this.#hash =
      key === undefined
        ? createHash('sha256')
        : createHmac('sha256', key as string | NodeJS.ArrayBufferView);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A hash is used once.');
  }
}
