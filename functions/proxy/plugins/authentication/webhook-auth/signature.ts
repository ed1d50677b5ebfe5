/** A webhook's request × a provider's scheme × secrets → whether it is signed, and recently. */
import { createHmac } from 'node:crypto';
import { decodeBase64, decodeHex } from '../../../http/decode.ts';
import type { ProxyRequest } from '../../../http/message.ts';
import { isSameSecret } from '../../../http/secret.ts';
import { tokenCharacters } from '../../../http/token.ts';
import { maxCredentialCharacters } from '../identify.ts';
import type { WebhookScheme } from './scheme.ts';

const headerPart = new RegExp(`^header:([${tokenCharacters}]+)$`);

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

/** A repeated header is joined by `,`; no scheme accepts such a value. */
function readSignature(
  scheme: WebhookScheme,
  { headers }: ProxyRequest,
): GivenSignature | undefined {
  const { header, prefix, separator, timestamp, undottedHeader = '' } = scheme;
  const value = headers[header];
  if (headers[undottedHeader]?.includes('.')) return undefined;
  if (value !== undefined && value.length > maxCredentialCharacters) return undefined;
  const elements = splitHeader(value, separator);
  const signatures = elements
    .filter((element) => element.startsWith(prefix))
    .map((element) => element.slice(prefix.length));
  if (signatures.length === 0) return undefined;
  if (!timestamp) return { signatures, timestamp: '' };
  const { prefix: mark } = timestamp;
  const times = mark
    ? elements.filter((element) => element.startsWith(mark)).map((text) => text.slice(mark.length))
    : [headers[timestamp.header] ?? ''];
  const [time = ''] = times;
  return times.length === 1 && /^\d{1,12}$/.test(time)
    ? { signatures, timestamp: time }
    : undefined;
}

function splitHeader(value: string | undefined, separator: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return separator === undefined ? [value] : value.split(separator).map((text) => text.trim());
}

type TemplatePart =
  | string
  | ((request: ProxyRequest, timestamp: string) => string | Buffer | undefined);

const variables: Readonly<Record<string, TemplatePart>> = {
  body: ({ body }) => body,
  timestamp: (_, timestamp) => timestamp,
  method: ({ method }) => method,
  host: ({ host }) => host,
  target: ({ target }) => target,
};

/** @returns the first `{…}` that means nothing, without its braces */
export function findUnknownVariable(template: string): string | undefined {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  return names.find((name) => toVariable(name) === undefined);
}

function parseTemplate(template: string): readonly TemplatePart[] {
  return template
    .split(/(\{[^{}]*\})/)
    .map((text) => (text.startsWith('{') ? (toVariable(text.slice(1, -1)) ?? text) : text));
}

function toVariable(name: string): TemplatePart | undefined {
  if (Object.hasOwn(variables, name)) return variables[name];
  const header = headerPart.exec(name)?.[1]?.toLowerCase();
  return header === undefined ? undefined : ({ headers }) => headers[header];
}

/** @returns undefined when the request lacks a header that is signed */
function toContent(
  parts: readonly TemplatePart[],
  request: ProxyRequest,
  timestamp: string,
): readonly (string | Buffer)[] | undefined {
  const content: (string | Buffer)[] = [];
  for (const part of parts) {
    const value = typeof part === 'string' ? part : part(request, timestamp);
    if (value === undefined) return undefined;
    content.push(value);
  }
  return content;
}
