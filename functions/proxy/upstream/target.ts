/** `function_uri` → where a route's requests go. Parsed once, when the document is loaded. */
import { findUnsafePath, toWirePath, toWireQuery } from '../http/path.ts';
import { type AllowedHost, findForbiddenOrigin, type Origin } from '../send/hosts.ts';
import { parseEndpointName } from '../sign/partitions.ts';

/** A parsed `function_uri`. */
export interface Target extends Origin {
  /** The `Host` header: with the port where it is not the scheme's own. */
  readonly host: string;
  /** Path of `function_uri` as it is sent; at least `/`. */
  readonly basePath: string;
  /** Query of `function_uri` as it is sent, without `?`. */
  readonly baseQuery: string;
  /** Region in the host's name, for AWS endpoints. */
  readonly endpointRegion: string | undefined;
  readonly endpointService: string | undefined;
}

/** What is wrong with a `function_uri`: the words after "expected". */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  /** The URI is well-formed, and its host is not one that the operator allows. */
  readonly isForbidden: boolean;

  constructor(message: string, { isForbidden = false } = {}) {
    super(message);
    this.isForbidden = isForbidden;
  }
}

// Not `new URL()` alone: it repairs what it reads (drops tabs, turns `\` into `/`, folds dot segments, reads
// 0x7f.1 as 127.0.0.1), and would then differ from the document.
const shape = /^(https?):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?(#.*)?$/is;

const plainHost = /^(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)$/;

/**
 * @param findForbidden the rule on where it may go
 * @throws TargetError with what is expected of the URI, or why its host is refused
 */
export function parseTarget(
  functionUri: string,
  allowedHosts: readonly AllowedHost[],
  findForbidden = findForbiddenOrigin,
): Target {
  const [, scheme, authority, path = '', query = '', fragment] = shape.exec(functionUri) ?? [];
  if (scheme === undefined || authority === undefined) {
    throw new TargetError('an absolute URL that begins with https://');
  }
  if (fragment !== undefined) throw new TargetError('a URL without a fragment (#)');
  const origin = parseOrigin(scheme.toLowerCase(), authority);
  const basePath = toWirePath(path || '/');
  const unsafe = findUnsafePath(basePath);
  if (unsafe) throw new TargetError(`a safe path (${unsafe})`);
  // Last, so that a malformed URI is reported as malformed and not as a forbidden host.
  const forbidden = findForbidden(origin, allowedHosts);
  if (forbidden) throw new TargetError(`an allowed host (${forbidden})`, { isForbidden: true });
  const isDefaultPort = origin.port === defaultPort(origin.protocol);
  const bracketed = toBracketed(origin.hostname);
  const endpoint = parseEndpointName(origin.hostname);
  return {
    ...origin,
    host: isDefaultPort ? bracketed : `${bracketed}:${origin.port}`,
    basePath,
    baseQuery: toWireQuery(query),
    endpointRegion: endpoint?.region,
    endpointService: endpoint?.service,
  };
}

function parseOrigin(scheme: string, authority: string): Origin {
  if (authority.includes('@')) throw new TargetError('a URL without user name and password');
  const match = /^(\[[^\]]*\]|[^:[]*)(?::(\d+))?$/.exec(authority);
  const written = match?.[1]?.toLowerCase() ?? '';
  const candidate = `${scheme}://${written}/`;
  const parsed = URL.canParse(candidate) ? new URL(candidate).hostname : '';
  // A host that the URL parser reads as another one (IDN, octal or hexadecimal IPv4, long IPv6) is refused.
  if (parsed !== written || !plainHost.test(written)) {
    throw new TargetError('a plain host name or address with an optional port');
  }
  const protocol = scheme === 'http' ? 'http:' : 'https:';
  const port = match?.[2] === undefined ? defaultPort(protocol) : Number(match[2]);
  if (port < 1 || port > 65_535) throw new TargetError('a port from 1 to 65535');
  return { protocol, hostname: written.replace(/^\[|\]$/g, ''), port };
}

function defaultPort(protocol: Origin['protocol']): number {
  return protocol === 'https:' ? 443 : 80;
}

function toBracketed(hostname: string): string {
  return hostname.includes(':') ? `[${hostname}]` : hostname;
}
