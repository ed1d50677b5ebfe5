/** The inbound request → what goes to the upstream: joined path, stripped and added headers. Signing comes after. */
import { isHopByHop, readConnectionNames, toWireValue } from '../headers.ts';
import type { ProxyRequest, UpstreamRequest } from '../types.ts';
import type { Target } from './target.ts';

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
  options: RewriteOptions,
): UpstreamRequest {
  const { target } = options;
  const hasLength = request.body.length > 0 || bodyMethods.has(request.method);
  const headers: [string, string][] = [
    ['host', target.host],
    ...relayedHeaders(request, options),
    ...credentialHeaders(request, options),
    ...forwardingHeaders(request),
    ...(hasLength ? [['content-length', String(request.body.length)] as [string, string]] : []),
  ];
  return {
    method: request.method,
    path: rest === undefined ? target.basePath : joinPath(target.basePath, rest),
    query: [target.baseQuery, withoutPresignedSet(request.query)].filter(Boolean).join('&'),
    headers,
    body: request.body,
  };
}

/** @returns whether a document may have the client's `Authorization` carried under this name. */
export function isForwardableAs(name: string): boolean {
  const isOurs = name === 'x-original-authorization';
  return isOurs || !(isStripped(name) || name === traceHeader || name === 'content-type');
}

function relayedHeaders(
  request: ProxyRequest,
  { forwardAs, apiKey }: RewriteOptions,
): [string, string][] {
  const dropped = readConnectionNames(request.headers['connection']);
  const isDropped = (name: string) =>
    isStripped(name) ||
    dropped.has(name) ||
    name === forwardAs ||
    (name === 'x-api-key' && apiKey !== undefined);
  return Object.entries(request.headers)
    .filter(([name]) => !isDropped(name))
    .map(([name, value]) => [name, toWireValue(value)]);
}

function credentialHeaders(
  request: ProxyRequest,
  { forwardAs, apiKey }: RewriteOptions,
): [string, string][] {
  const headers: [string, string][] = [];
  const authorization = request.headers['authorization'];
  if (forwardAs !== '' && authorization !== undefined) {
    headers.push([forwardAs, toWireValue(authorization)]);
  }
  if (apiKey !== undefined) headers.push(['x-api-key', toWireValue(apiKey)]);
  return headers;
}

function isStripped(name: string): boolean {
  if (isHopByHop(name) || replaced.has(name)) return true;
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
  const match =
    /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token)$/;
  return match.exec(decoded)?.[1];
}
