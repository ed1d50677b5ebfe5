/** A webhook's request × a provider's scheme × secrets → whether it is signed, and recently. */
import { createHmac } from 'node:crypto';
import { decodeBase64, decodeHex } from '../../../http/decode.ts';
import type { ProxyRequest } from '../../../http/message.ts';
import { isSameSecret } from '../../../http/secret.ts';
import { maxCredentialCharacters } from '../identify.ts';
import type { WebhookScheme } from './scheme.ts';
import { parseTemplate, toContent } from './template.ts';

/** What a signature is read from and checked against, as far as no request is needed for it. */
export interface WebhookVerifier {
  /** @returns why the request is refused, as a sentence for the client; undefined for one that is signed */
  findFault(request: ProxyRequest, nowMs: number): string | undefined;
}

/** A scheme, the secrets that are valid, and the tolerance of the signed time. */
export interface WebhookVerifierOptions {
  readonly scheme: WebhookScheme;
  /** Bytes of each; one of them has to be the right one. */
  readonly secrets: readonly Buffer[];
  readonly toleranceMs: number;
}

interface GivenSignature {
  readonly signatures: readonly string[];
  /** As it was written; `''` for a scheme without one. */
  readonly timestamp: string;
}

/** Creates the verifier of one scheme. `findFault` returns undefined for a valid signature; it throws nothing. */
export function createWebhookVerifier(options: WebhookVerifierOptions): WebhookVerifier {
  const { scheme, secrets, toleranceMs } = options;
  const parts = parseTemplate(scheme.signed);
  const length = createHmac(scheme.algorithm, '').digest(scheme.encoding).length;
  const decode = scheme.encoding === 'hex' ? decodeHex : decodeBase64;
  return {
    findFault(request, nowMs) {
      const signature = readSignature(scheme, request);
      const content = signature && toContent(parts, request, signature.timestamp);
      if (!content) return 'Missing webhook signature in request';
      if (scheme.timestamp && Math.abs(nowMs - Number(signature.timestamp) * 1000) > toleranceMs) {
        return 'Webhook timestamp outside the tolerance';
      }
      // What has another length is no signature, and no work either: a header may hold thousands of them.
      const given = signature.signatures.filter((text) => text.length === length).map(decode);
      // Each is compared with each, so that the time does not tell which secret it was.
      const matches = secrets.flatMap((secret) => {
        const hmac = createHmac(scheme.algorithm, secret);
        for (const part of content) hmac.update(part);
        const own = hmac.digest();
        return given.filter((bytes) => bytes !== undefined && isSameSecret(bytes, own));
      });
      return matches.length > 0 ? undefined : 'Invalid webhook signature in request';
    },
  };
}

/** No zero in front: a client could move the last zeros of the signed value in front of the time into the time. */
const writtenTime = /^[1-9]\d{0,11}$/;

/** A repeated header is joined by `,`; no scheme accepts such a value. */
function readSignature(
  scheme: WebhookScheme,
  { headers }: ProxyRequest,
): GivenSignature | undefined {
  const { header, prefix, separator, timestamp } = scheme;
  const value = headers[header];
  if (value !== undefined && value.length > maxCredentialCharacters) return undefined;
  const elements = splitHeader(value, separator);
  const signatures = readMarked(elements, prefix);
  if (signatures.length === 0) return undefined;
  if (!timestamp) return { signatures, timestamp: '' };
  const times =
    'prefix' in timestamp
      ? readMarked(elements, timestamp.prefix)
      : [headers[timestamp.header] ?? ''];
  const [time = ''] = times;
  return times.length === 1 && writtenTime.test(time) ? { signatures, timestamp: time } : undefined;
}

function readMarked(elements: readonly string[], mark: string): readonly string[] {
  return elements.filter((text) => text.startsWith(mark)).map((text) => text.slice(mark.length));
}

function splitHeader(value: string | undefined, separator: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return separator === undefined ? [value] : value.split(separator).map((text) => text.trim());
}
