/** SigV4 outside the code under test: AWS's published examples, and the two other implementations. */
import { createHmac } from 'node:crypto';
import type { UpstreamRequest } from '../../functions/proxy/http/message.ts';
import type { SigningScope } from '../../functions/proxy/sign/sign.ts';
import type { WireRequest } from '../../local/sigv4/canonical-request.ts';
import { createSigV4Verifier, type Verification } from '../../local/sigv4/verifier.ts';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What an upstream reads off the wire. */
export function toWire({ method, path, query, headers, body }: UpstreamRequest): WireRequest {
  return {
    method,
    target: query === '' ? path : `${path}?${query}`,
    rawHeaders: headers.flat(),
    body,
  };
}

interface VerifyOptions {
  readonly scope: SigningScope;
  readonly keys: Keys;
  readonly nowMs: number;
}

/** Asks the local stack's verifier, which shares no code with the signer. */
export function verify(request: WireRequest, { scope, keys, nowMs }: VerifyOptions): Verification {
  const { secretAccessKey, sessionToken } = keys;
  const known =
    sessionToken === undefined ? { secretAccessKey } : { secretAccessKey, sessionToken };
  const verifier = createSigV4Verifier({
    ...scope,
    credentials: (id) => (id === keys.accessKeyId ? known : undefined),
    now: () => new Date(nowMs),
  });
  return verifier(request);
}

/** The signature of a string to sign, by the steps of the IAM User Guide. */
export function toSignature(
  stringToSign: string,
  secretAccessKey: string,
  scopeParts: readonly string[],
): string {
  const key = scopeParts.reduce<Buffer | string>(
    (current, part) => createHmac('sha256', current).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac('sha256', key).update(stringToSign).digest('hex');
}

export function signatureOf(authorization: string | undefined): string {
  return /Signature=([0-9a-f]+)$/.exec(authorization ?? '')?.[1] ?? '';
}
