/** Function URL event (payload format 2.0) → request. Paths and queries are taken raw, never from decoded copies. */

import { ProxyError } from './http/errors.ts';
import { readConnectionNames } from './http/headers.ts';
import type { ProxyRequest } from './http/message.ts';
import {
  assertSafePath,
  assertTargetBytes,
  maxTargetBytes,
  toWirePath,
  toWireQuery,
} from './http/path.ts';
import { token } from './http/token.ts';

type Unknowns = Readonly<Record<string, unknown>>;

/** Methods that function URLs deliver (Lambda Developer Guide, "Invoking Lambda function URLs"). */
const allow = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** RFC 9110 §5.5: field values hold no control characters but the tab. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbiddenInValue = /[\0-\x08\x0a-\x1f\x7f]/;

/** What no honest client reaches: each costs a sorting, a signature or a check of its own, however short it is. */
const maxParameters = 10_000;
const maxHeaders = 5000;
/** AWS documents no limit of its own; the longest names in use have some 50. Each is compared with many others. */
const maxNameCharacters = 256;

/**
 * @param event as Lambda delivers it
 * @param id Lambda's request id
 * @throws ProxyError `MALFORMED_REQUEST`, `UNSAFE_PATH` or `METHOD_NOT_ALLOWED`
 */
export function readRequest(event: unknown, id: string): ProxyRequest {
  const root = toObject(event, 'the event');
  const context = toObject(root['requestContext'], 'requestContext');
  const http = toObject(context['http'], 'requestContext.http');
  const method = readMethod(http['method']);
  const rawPath = toText(root['rawPath'], 'rawPath') || '/';
  const query = readQuery(root);
  const wireQuery = toWireQuery(query, maxTargetBytes);
  const path = readPath(rawPath, wireQuery.length);
  const headers = readHeaders(root);
  const sourceIp = typeof http['sourceIp'] === 'string' ? http['sourceIp'] : '';
  return {
    id,
    method,
    path,
    query: wireQuery,
    target: query === '' ? rawPath : `${rawPath}?${query}`,
    headers,
    body: readBody(root),
    sourceIp,
    clientIp: sourceIp,
    protocol: typeof http['protocol'] === 'string' ? http['protocol'] : 'HTTP/1.1',
    host: (headers['host'] ?? toText(context['domainName'] ?? '', 'domainName')).toLowerCase(),
  };
}

/** @returns method and path of an event that could not be read as a request, for the log only */
export function readMethodAndPath(event: unknown): {
  readonly method?: string;
  readonly path?: string;
} {
  const { rawPath, requestContext } = (event ?? {}) as Unknowns;
  const { http } = (requestContext ?? {}) as Unknowns;
  const { method } = (http ?? {}) as Unknowns;
  return {
    ...(typeof method === 'string' ? { method } : {}),
    ...(typeof rawPath === 'string' ? { path: rawPath } : {}),
  };
}

function readMethod(value: unknown): string {
  const method = toText(value, 'requestContext.http.method');
  if (!token.test(method)) throw malformed('requestContext.http.method', 'a method', 'no token');
  const upper = method.toUpperCase();
  if (upper !== 'CONNECT') return upper;
  // It asks for a tunnel (RFC 9110 §9.3.6), which a Lambda function cannot be.
  throw new ProxyError('METHOD_NOT_ALLOWED', 'CONNECT is never forwarded', { headers: { allow } });
}

function readPath(rawPath: string, queryBytes: number): string {
  const path = toWirePath(rawPath, maxTargetBytes);
  assertTargetBytes(path.length + queryBytes);
  if (!path.startsWith('/')) throw malformed('rawPath', 'a path that begins with /', 'another');
  assertSafePath(path);
  return path;
}

function readQuery(root: Unknowns): string {
  const query = toText(root['rawQueryString'] ?? '', 'rawQueryString');
  let separators = 0;
  for (let index = query.indexOf('&'); index !== -1; index = query.indexOf('&', index + 1)) {
    separators += 1;
    if (separators < maxParameters) continue;
    throw malformed('rawQueryString', `at most ${maxParameters} parameters`, 'more');
  }
  return query;
}

/** `cookies` repeats `headers.cookie`; it counts only where the header is missing. */
function readHeaders(root: Unknowns): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  const entries = Object.entries(toObject(root['headers'] ?? {}, 'headers'));
  if (entries.length > maxHeaders) throw malformed('headers', `at most ${maxHeaders}`, 'more');
  for (const [name, value] of entries) {
    const text = toText(value, 'a header');
    assertName(name);
    if (forbiddenInValue.test(text))
      throw malformed('headers', 'header values', 'a control character in one');
    headers[name.toLowerCase()] = text;
  }
  const cookies = root['cookies'];
  if (headers['cookie'] === undefined && Array.isArray(cookies) && cookies.length > 0) {
    const cookie = cookies.map((item) => toText(item, 'cookies')).join('; ');
    if (forbiddenInValue.test(cookie))
      throw malformed('cookies', 'cookies', 'a control character in one');
    headers['cookie'] = cookie;
  }
  dropNamed(headers);
  return headers;
}

function assertName(name: string): void {
  if (name.length > maxNameCharacters) {
    const expected = `names of at most ${maxNameCharacters} characters`;
    throw malformed('headers', expected, 'a longer one');
  }
  if (!token.test(name)) throw malformed('headers', 'header names', 'a name that is no token');
}

/**
 * What `Connection` names ends here (RFC 9110 §7.6.1), before anything reads it: an authorizer must not be told what the
 * upstream is not going to see. `host` stays, because routes are matched by it.
 */
function dropNamed(headers: Record<string, string>): void {
  for (const name of readConnectionNames(headers['connection'])) {
    if (name !== 'host') delete headers[name];
  }
}

function readBody(root: Unknowns): Buffer {
  const body = root['body'];
  if (body === undefined || body === null) return Buffer.alloc(0);
  const text = toText(body, 'body');
  if (root['isBase64Encoded'] !== true) return Buffer.from(text, 'utf8');
  const bytes = Buffer.from(text, 'base64');
  if (!isBase64(text, bytes.length)) throw malformed('body', 'base64', 'other text');
  return bytes;
}

/** Node skips characters that are not base64 instead of refusing them; the decoded length shows whether it did. */
function isBase64(text: string, decodedLength: number): boolean {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  // If the length is not a multiple of 4, the quotient is no whole number, so the test fails.
  const isWhole = decodedLength === (text.length / 4) * 3 - padding;
  return isWhole && !text.includes('-') && !text.includes('_');
}

function toObject(value: unknown, what: string): Unknowns {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Unknowns;
  throw malformed(what, 'an object (a function URL event, payload format 2.0)', typeof value);
}

function toText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw malformed(what, 'a string', typeof value);
}

function malformed(what: string, expected: string, found: string): ProxyError {
  return new ProxyError('MALFORMED_REQUEST', `${what}: expected ${expected}, found ${found}`);
}
