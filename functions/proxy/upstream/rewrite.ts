/** The inbound request → what goes to the upstream: joined path, stripped and added headers. Signing comes after. */
import type { ProxyRequest, UpstreamRequest } from '../types.ts';
import type { Target } from './target.ts';

/**
 * Headers that belong to one connection (RFC 9110 §7.6.1), with the obsolete ones that senders still use. `expect`
 * goes with them: the body is here already, so there is nothing to wait for (§10.1.1).
 */
const hopByHop = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Set by us whatever the client says; `x-apigw-api-id` would let a client choose the API behind a VPC endpoint. */
const replaced = new Set([
  'accept-encoding',
  'authorization',
  'content-length',
  'host',
  'via',
  'x-apigw-api-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-original-authorization',
]);

const traceHeader = 'x-amzn-trace-id';
const viaName = 'countersign';
/** Methods whose requests say how long their body is even when it is empty (RFC 9110 §8.6). */
const bodyMethods = new Set(['POST', 'PUT', 'PATCH']);
const presignedQuery = ['algorithm', 'credential', 'date', 'signedheaders', 'signature'];

export interface RewriteOptions {
  readonly target: Target;
  /** Header that carries the client's own `Authorization`; `''` drops it. */
  readonly forwardAs: string;
  /** Sent as `x-api-key` in place of the client's. */
  readonly apiKey: string | undefined;
}

/** @param rest what follows the route's `*`, or undefined to use the target's path as it is */
export function rewriteRequest(
  request: ProxyRequest,
  rest: string | undefined,
  { target, forwardAs, apiKey }: RewriteOptions,
): UpstreamRequest {
  const headers: [string, string][] = [['host', target.host]];
  const dropped = connectionNames(request.headers['connection']);
  for (const [name, value] of Object.entries(request.headers)) {
    if (isStripped(name) || dropped.has(name) || name === forwardAs) continue;
    if (name === 'x-api-key' && apiKey !== undefined) continue;
    headers.push([name, toWireValue(value)]);
  }
  const authorization = request.headers['authorization'];
  if (forwardAs !== '' && authorization !== undefined) {
    headers.push([forwardAs, toWireValue(authorization)]);
  }
  if (apiKey !== undefined) headers.push(['x-api-key', toWireValue(apiKey)]);
  headers.push(...forwardingHeaders(request));
  if (request.body.length > 0 || bodyMethods.has(request.method)) {
    headers.push(['content-length', String(request.body.length)]);
  }
  return {
    method: request.method,
    path: rest === undefined ? target.basePath : joinPath(target.basePath, rest),
    query: [target.baseQuery, withoutPresignedSet(request.query)].filter(Boolean).join('&'),
    headers,
    body: request.body,
  };
}

/** @returns whether a name belongs to one connection and is never relayed, in either direction. */
export function isHopByHop(name: string): boolean {
  return hopByHop.has(name);
}

/** @returns the lower-case names that a `Connection` header takes off the message with it (RFC 9110 §7.6.1). */
export function connectionNames(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined) return noNames;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

/** @returns whether a document may have the client's `Authorization` carried under this name. */
export function isForwardableAs(name: string): boolean {
  const isOurs = name === 'x-original-authorization';
  return isOurs || !(isStripped(name) || name === traceHeader || name === 'content-type');
}

const noNames: ReadonlySet<string> = new Set();

function isStripped(name: string): boolean {
  if (hopByHop.has(name) || replaced.has(name)) return true;
  if (name.startsWith('x-amz-')) return true;
  return name.startsWith('x-amzn-') && name !== traceHeader;
}

/** One slash between base and rest; a leading one of the rest counts as that slash. */
function joinPath(basePath: string, rest: string): string {
  const base = basePath.endsWith('/') ? basePath.slice(0, -1) : basePath;
  return rest.startsWith('/') ? base + rest : `${base}/${rest}`;
}

function forwardingHeaders(request: ProxyRequest): [string, string][] {
  const { headers, sourceIp } = request;
  const received = headers['x-forwarded-for'];
  // A function URL appends the peer's address itself; it stands there once.
  const isAppended = received !== undefined && received.split(',').at(-1)?.trim() === sourceIp;
  const forwardedFor = isAppended || !sourceIp ? received : join(received, sourceIp);
  const version = request.protocol.replace(/^HTTP\//i, '');
  const list: [string, string][] = [['via', join(headers['via'], `${version} ${viaName}`)]];
  if (forwardedFor) list.push(['x-forwarded-for', toWireValue(forwardedFor)]);
  // A function URL is served over TLS only.
  list.push(['x-forwarded-proto', 'https']);
  if (request.host) list.push(['x-forwarded-host', toWireValue(request.host)]);
  // What a front (Lambda's function URL) would decompress and mislabel while it streams is not asked for.
  list.push(['accept-encoding', 'identity']);
  return list;
}

function join(received: string | undefined, value: string): string {
  return received ? `${toWireValue(received)}, ${value}` : value;
}

/** Header values are bytes; a character outside Latin-1 travels as its UTF-8 bytes. */
function toWireValue(value: string): string {
  return /[^\0-\xff]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}

/** A complete presigned set would be a second, foreign signature; a part of one is just a query. */
function withoutPresignedSet(query: string): string {
  if (!/x-amz-signature/i.test(query)) return query;
  const parts = query.split('&').map((text) => ({ text, name: toPresignedName(text) }));
  const names = new Set(parts.map((part) => part.name));
  if (!presignedQuery.every((name) => names.has(name))) return query;
  return parts
    .filter((part) => part.name === undefined)
    .map((part) => part.text)
    .join('&');
}

/** @returns `signature` for `X-Amz-Signature=…` and so on, undefined for a name outside the set. */
function toPresignedName(parameter: string): string | undefined {
  const name = parameter.split('=', 1)[0] ?? '';
  const decoded = name.replace(/%2d/gi, '-').toLowerCase();
  const match = /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token)$/;
  return match.exec(decoded)?.[1];
}
