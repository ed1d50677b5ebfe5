/**
 * A CDN in front adds a secret header, and without it the bare function URL answers 403. The secret has two values while
 * it is rotated: first both are accepted, then the CDN sends the new one, then the old one is taken out.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ProxyError } from './errors.ts';
import type { ProxyRequest } from './message.ts';

/** Request header in which the edge sends its secret, in lower case. */
export const originHeader = 'x-origin-verify';
/** Says which host the client named: the CDN must send the function URL's own `Host`. */
const clientHostHeader = 'x-forwarded-host';
/** Shorter values can be guessed; an empty value would let every client in. */
const minCharacters = 16;

/** Digests of the values that are accepted: comparing digests takes the same time for every value. */
export type OriginKeys = readonly Buffer[];

/**
 * @param text the secret: the value itself, or a JSON object whose texts are all accepted, such as
 * `{"current":"…","previous":"…"}`; empty ones are none
 * @throws ProxyError `ROUTES_UNAVAILABLE` when no value would be accepted; every request is refused then
 */
export function parseOriginKeys(text: string | undefined): OriginKeys {
  if (text === undefined) throw unusable('it does not exist, or the role may not read it');
  // Blanks around a header's value do not travel, and files end with a newline.
  const values = readValues(text).flatMap((value) => value.trim() || []);
  if (values.length === 0) throw unusable('it holds no value');
  if (values.some((value) => value.length < minCharacters)) {
    throw unusable(`it holds a value of less than ${minCharacters} characters`);
  }
  return values.map(toDigest);
}

/**
 * @param keys undefined where the function URL is open to clients
 * @returns the request as the client made it: without the secret, and with the host that the client named
 * @throws ProxyError `ORIGIN_REFUSED`
 */
export function admitRequest(request: ProxyRequest, keys: OriginKeys | undefined): ProxyRequest {
  if (!keys) return request;
  const { [originHeader]: sent } = request.headers;
  if (sent === undefined) {
    throw new ProxyError('ORIGIN_REFUSED', `a request without ${originHeader}`);
  }
  const digest = toDigest(sent);
  // Every key is compared, so that the time does not tell which one fits.
  const fitting = keys.filter((key) => timingSafeEqual(key, digest));
  if (fitting.length === 0) {
    throw new ProxyError('ORIGIN_REFUSED', `a request with another ${originHeader}`);
  }
  const headers = withoutSecret(request.headers);
  return { ...request, headers, host: headers[clientHostHeader]?.toLowerCase() ?? request.host };
}

function readValues(text: string): string[] {
  if (!text.trimStart().startsWith('{')) return [text];
  try {
    const object: unknown = JSON.parse(text);
    const values = Object.values(object as object);
    if (values.every((value) => typeof value === 'string')) return values;
  } catch {
    // The message of JSON.parse would quote the secret.
  }
  throw unusable('it begins with { and is no JSON object of texts');
}

/** Still without a prototype: a header may be called `constructor`. */
function withoutSecret(headers: ProxyRequest['headers']): ProxyRequest['headers'] {
  const kept: Record<string, string> = Object.assign(Object.create(null), headers);
  delete kept[originHeader];
  return kept;
}

function toDigest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function unusable(reason: string): ProxyError {
  return new ProxyError('ROUTES_UNAVAILABLE', `the origin secret cannot be used: ${reason}`);
}
