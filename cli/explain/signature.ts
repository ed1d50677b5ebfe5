/** Computes the texts of a signature from the request as it would be sent, with the functions that signed it. */
import type { HeaderList } from '../../functions/proxy/http/message.ts';
import {
  toCanonical,
  toCanonicalRequest,
  toStringToSign,
} from '../../functions/proxy/sign/sign.ts';
import { maskHeader, maskUrl } from './masking.ts';

/** The texts of a signature (IAM User Guide, "Create a signed AWS API request"). */
export interface SignatureTexts {
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: string;
  /** The canonical request, with secrets masked. */
  readonly canonicalRequest: string;
  /** The string to sign. Its last line is the hash of the canonical request without masks. */
  readonly stringToSign: string;
}

/** The signed parts of a request, except its body. */
export interface SentRequest {
  readonly method: string;
  /** Path and query as on the request line. */
  readonly target: string;
  readonly headers: HeaderList;
}

const pattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d+\/([^/]+)\/([^/]+)\/aws4_request), SignedHeaders=([^,]+),/;

/** @returns undefined if the request has no SigV4 signature */
export function readSignature({
  method,
  target,
  headers,
}: SentRequest): SignatureTexts | undefined {
  const values = Object.fromEntries(headers);
  const match = pattern.exec(values['authorization'] ?? '');
  if (!match) return undefined;
  const [, accessKeyId = '', scope = '', region = '', service = ''] = match;
  const names = match[5]?.split(';') ?? [];
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  const payloadHash = values['x-amz-content-sha256'] ?? '';
  const signed = names.map((name) => toCanonical([name, values[name] ?? '']));
  const shown = signed.map(([name, value]) => [name, maskHeader(name, value)] as const);
  const canonicalRequest = toCanonicalRequest({ method, path, query }, signed, payloadHash);
  const [verb, canonicalPath, canonicalQuery = '', ...rest] = toCanonicalRequest(
    { method, path, query },
    shown,
    payloadHash,
  ).split('\n');
  const shownQuery = maskUrl(`?${canonicalQuery}`).slice(1);
  return {
    region,
    service,
    accessKeyId,
    canonicalRequest: [verb, canonicalPath, shownQuery, ...rest].join('\n'),
    stringToSign: toStringToSign(canonicalRequest, values['x-amz-date'] ?? '', scope),
  };
}
