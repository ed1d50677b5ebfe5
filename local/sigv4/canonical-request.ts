import { createHash, createHmac } from 'node:crypto';
import { headerPairs } from '../http-server.ts';

/** A request as received. */
export interface WireRequest {
  readonly method: string;
  /** Path and query as on the request line, with one character for each byte. */
  readonly target: string;
  /** Alternating names and values, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

/** The credential scope of a signature, and the time at which it was made (`20150830T123600Z`). */
export interface SigningScope {
  readonly timestamp: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/**
 * Makes the canonical request with the named headers in lower case, which it sorts. Only S3 has another canonical path:
 * {@link toObjectPath}.
 */
export function toCanonicalRequest(
  request: WireRequest,
  signedHeaders: readonly string[],
  toPath: (path: string) => string = toCanonicalPath,
): string {
  const names = signedHeaders.toSorted();
  const mark = request.target.indexOf('?');
  const path = mark === -1 ? request.target : request.target.slice(0, mark);
  const query = mark === -1 ? '' : request.target.slice(mark + 1);
  const values = collectHeaders(request.rawHeaders);
  return [
    request.method,
    toPath(path),
    toCanonicalQuery(query),
    // A listed header that is missing counts as empty, as in AWS's own error messages.
    ...names.map((name) => `${name}:${(values.get(name) ?? []).map(fold).join(',')}`),
    '',
    names.join(';'),
    hashHex(request.body),
  ].join('\n');
}

/**
 * Makes the canonical path of every service except S3: it resolves empty, "." and ".." segments, and encodes each
 * received byte once more, so that "%20" becomes "%2520".
 */
export function toCanonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') {
      segments.pop();
    } else if (segment !== '' && segment !== '.') {
      segments.push(segment);
    }
  }
  const encoded = segments.map((segment) => encodeBytes(Buffer.from(segment, 'latin1')));
  const slash = path.endsWith('/') && encoded.length > 0 ? '/' : '';
  return `/${encoded.join('/')}${slash}`;
}

/**
 * Makes S3's canonical path: it encodes each byte of the object's key once and resolves no segment, because "a//b" and
 * "a/../b" are valid keys (Amazon S3 API Reference, "Signature Calculations for the Authorization Header").
 */
export function toObjectPath(path: string): string {
  return path.split('/').map(reencode).join('/').replaceAll('%2F', '/');
}

/**
 * Makes the canonical query: names and values are decoded to bytes, encoded by RFC 3986, and sorted by name and value.
 * A "+" is itself ("%2B") and not a space, because SigV4 does not use HTML form encoding.
 */
export function toCanonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const name = equals === -1 ? part : part.slice(0, equals);
      const value = equals === -1 ? '' : part.slice(equals + 1);
      return [reencode(name), reencode(value)] as const;
    });
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

/** Makes the string to sign. */
export function toStringToSign(canonicalRequest: string, scope: SigningScope): string {
  const { timestamp, date, region, service } = scope;
  const hash = hashHex(Buffer.from(canonicalRequest, 'latin1'));
  return `AWS4-HMAC-SHA256\n${timestamp}\n${date}/${region}/${service}/aws4_request\n${hash}`;
}

/** Computes the signature in hex. */
export function toSignature(
  stringToSign: string,
  secretAccessKey: string,
  { date, region, service }: SigningScope,
): string {
  let key: Buffer | string = `AWS4${secretAccessKey}`;
  for (const part of [date, region, service, 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest();
  }
  return createHmac('sha256', key).update(stringToSign, 'latin1').digest('hex');
}

/** Computes SHA-256 in hex. */
export function hashHex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Collects the values of each header by lower-case name, in the order of arrival. */
export function collectHeaders(rawHeaders: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of headerPairs(rawHeaders)) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

/** Removes outer spaces, and replaces inner runs of spaces by one. */
function fold(value: string): string {
  return value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '');
}

function reencode(text: string): string {
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return encodeBytes(Buffer.from(decoded, 'latin1'));
}

const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const hex = byte.toString(16).toUpperCase().padStart(2, '0');
  return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${hex}`;
});

function encodeBytes(bytes: Buffer): string {
  return Array.from(bytes, (byte) => ENCODED[byte]).join('');
}

/** Compares by code unit. All compared texts are encoded and so ASCII, where a code unit is a byte. */
function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
