/** The inbound request → what goes to the upstream: joined path, stripped and added headers. Signing comes after. */

import type { Outbound } from '../chain/exchange.ts';
import { isDropped } from '../http/header-names.ts';
import { toDashed, toWireValue } from '../http/headers.ts';
import {
  type HeaderList,
  type ProxyRequest,
  toLengthHeader,
  type UpstreamRequest,
} from '../http/message.ts';
import { assertSafePath, assertTargetBytes, toMatchKey, toRootedPath } from '../http/path.ts';
import { replaceByte } from '../http/percent.ts';

import type { Target } from './target.ts';

const viaName = 'countersign';
const noIdentity: Identity = new Map();
const none: ReadonlySet<string> = new Set();
/** Length of `x-amz-security-token` with each character percent-encoded. */
const maxPresignedCharacters = 60;
const presignedQuery = ['algorithm', 'credential', 'date', 'signedheaders', 'signature'];

type Identity = ReadonlyMap<string, string | undefined>;

/** How a client's request becomes the upstream's. */
export interface RewriteOptions {
  readonly target: Target;
  /** Header that carries the client's own `Authorization`; `''` drops it. */
  readonly forwardAs: string;
  /** Sent as `x-api-key` in place of the client's. */
  readonly apiKey: string | undefined;
  /** Headers that identify the client, set by plugins. Undefined: the client's own are still dropped. */
  readonly identity?: Identity;
  /** Names of headers that only plugins may set, with `-` for `_`; the client's own are dropped. */
  readonly reserved?: ReadonlySet<string>;
  /** What a plugin has written in place of the client's. */
  readonly outbound?: Outbound | undefined;
}

/**
 * @param rest what follows the route's `*`, or undefined to use the target's path as it is
 * @throws ProxyError `UNSAFE_PATH` when base and rest together make a dot segment
 */
export function rewriteRequest(
  request: ProxyRequest,
  rest: string | undefined,
  options: RewriteOptions,
): UpstreamRequest {
  const { target, identity = noIdentity, outbound = {} } = options;
  const { headers: received } = request;
  const { path = rest, query = request.query, host = target.host } = outbound;
  // What a client sends is checked on entry; what documents make of it may be longer.
  if (outbound.query !== undefined) assertTargetBytes((path?.length ?? 0) + query.length);
  return {
    method: request.method,
    path: path === undefined ? target.basePath : joinPath(target.basePath, path, request.path),
    query: [target.baseQuery, withoutPresignedSet(query)].filter(Boolean).join('&'),
    headers: [
      ['host', host],
      ...relayedHeaders(received, options),
      ...credentialHeaders(received, options),
      ...identityHeaders(identity),
      ...forwardingHeaders(received, request),
      ...toLengthHeader(request.method, request.body),
    ],
    body: request.body,
    identityNames: [...identity.keys()],
  };
}

type Received = Readonly<Record<string, string>>;

function relayedHeaders(
  received: Received,
  { forwardAs, apiKey, identity = noIdentity, reserved = none }: RewriteOptions,
): HeaderList {
  const ours = new Set([forwardAs, ...identity.keys()].map(toDashed));
  const isLost = (name: string) => {
    const dashed = toDashed(name);
    return (
      isDropped(dashed) ||
      ours.has(dashed) ||
      reserved.has(dashed) ||
      (dashed === 'x-api-key' && apiKey !== undefined)
    );
  };
  return Object.entries(received)
    .filter(([name]) => !isLost(name))
    .map(([name, value]) => [
      name,
      name === 'content-type' ? toSignable(value) : toWireValue(value),
    ]);
}

function credentialHeaders(
  received: Received,
  { forwardAs, apiKey, identity = noIdentity, reserved = none }: RewriteOptions,
): HeaderList {
  const headers: [string, string][] = [];
  const authorization = received['authorization'];
  // A client's own header must never arrive under a name that plugins set.
  const said = new Set([...identity.keys()].map(toDashed));
  const carrier = toDashed(forwardAs);
  const isFree = forwardAs !== '' && !said.has(carrier) && !reserved.has(carrier);
  if (isFree && authorization !== undefined) {
    headers.push([forwardAs, toSignable(authorization)]);
  }
  if (apiKey !== undefined) headers.push(['x-api-key', toWireValue(apiKey)]);
  return headers;
}

function identityHeaders(identity: Identity): HeaderList {
  const headers: [string, string][] = [];
  for (const [name, value] of identity) {
    if (value !== undefined) headers.push([name, toSignable(value)]);
  }
  return headers;
}

/** Verifiers agree on spaces, which they fold, and not on tabs: a value that is signed has none. */
function toSignable(value: string): string {
  const text = toWireValue(value);
  if (!text.includes('\t')) return text;
  return replaceByte(Buffer.from(text, 'latin1'), 0x09, 0x20).toString('latin1');
}

/**
 * One slash between base and rest; a leading one of the rest counts as that slash. If the base is empty, the start of the rest
 * is made safe, so that no upstream reads it as a host.
 */
function joinPath(basePath: string, rest: string, requestPath: string): string {
  const base = basePath.endsWith('/') ? basePath.slice(0, -1) : basePath;
  const slashed = rest.startsWith('/') ? rest : `/${rest}`;
  // `/aws*` cuts `/aws../x` inside a segment, so `..` becomes a segment that nothing has checked. Whole segments were
  // checked on entry.
  if (!requestPath.endsWith(slashed)) assertSafePath(slashed);
  return base === '' ? toRootedPath(slashed) : base + slashed;
}

function forwardingHeaders(received: Received, request: ProxyRequest): HeaderList {
  const list: [string, string][] = [
    ['via', join(received['via'], `${request.protocol.replace(/^HTTP\//i, '')} ${viaName}`)],
  ];
  const addresses = toForwardedFor(received['x-forwarded-for'], request.sourceIp);
  if (addresses) list.push(['x-forwarded-for', addresses]);
  // A function URL is served over TLS only.
  list.push(['x-forwarded-proto', 'https']);
  if (request.host) list.push(['x-forwarded-host', toWireValue(request.host)]);
  // Asks for no compression: a front such as a function URL would decompress a stream and label it wrongly.
  list.push(['accept-encoding', 'identity']);
  return list;
}

/** A function URL appends the peer's address itself, so the proxy does not append it again. */
function toForwardedFor(received: string | undefined, sourceIp: string): string {
  const isAppended = received?.slice(received.lastIndexOf(',') + 1).trim() === sourceIp;
  return isAppended || !sourceIp ? toWireValue(received ?? '') : join(received, sourceIp);
}

function join(received: string | undefined, value: string): string {
  return received ? `${toWireValue(received)}, ${value}` : value;
}

/** A complete presigned set would be a second, foreign signature; a part of one is just a query. */
function withoutPresignedSet(query: string): string {
  if (!/amz|%/i.test(query)) return query;
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
  const equals = parameter.indexOf('=');
  const name = equals === -1 ? parameter : parameter.slice(0, equals);
  if (name.length > maxPresignedCharacters) return undefined;
  const decoded = toMatchKey(name).toLowerCase();
  const match =
    /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token)$/;
  return match.exec(decoded)?.[1];
}
