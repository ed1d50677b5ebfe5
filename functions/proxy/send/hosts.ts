/** Which hosts may be upstreams: AWS endpoints of function URLs and API Gateway, and what the operator lists. */
import { isIP } from 'node:net';
import { parseEndpointName } from '../sign/partitions.ts';

/** An entry of `COUNTERSIGN_ALLOWED_HOSTS`, parsed. */
export interface AllowedHost {
  /** Lower case; without the `*.` of a wildcard; IPv6 addresses without brackets. */
  readonly hostname: string;
  readonly isWildcard: boolean;
  /** Undefined allows any port. */
  readonly port: number | undefined;
}

/** Scheme, host and port of a server (RFC 9110 §4.3.1). */
export interface Origin {
  readonly protocol: 'https:' | 'http:';
  /** Lower case; IPv6 addresses without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** @returns where the server of a URL is, of `http:` or `https:` */
export function toOrigin({ protocol, hostname, port }: URL): Origin {
  const isPlain = protocol === 'http:';
  return {
    protocol: isPlain ? 'http:' : 'https:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (isPlain ? 80 : 443)),
  };
}

const entryPattern =
  /^(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::(\d{1,5}))?$/;

/** Reads `COUNTERSIGN_ALLOWED_HOSTS`: `host[:port]`, comma-separated, `*.` allowed in front. */
export function parseAllowedHosts(text: string, fail: (found: string) => never): AllowedHost[] {
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase());
  return entries.filter(Boolean).map((entry) => {
    const [, star, host, port] = entryPattern.exec(entry) ?? fail(entry);
    const isPort = port === undefined || (Number(port) > 0 && Number(port) <= 65_535);
    if (host === undefined || !isPort) return fail(entry);
    return {
      hostname: host.replace(/^\[|\]$/g, ''),
      isWildcard: star !== undefined,
      port: port === undefined ? undefined : Number(port),
    };
  });
}

/**
 * The one rule on where a request may go; asked when a document is loaded and again where a socket is opened.
 *
 * @returns why the origin is refused, or undefined
 */
export function findForbiddenOrigin(
  origin: Origin,
  allowedHosts: readonly AllowedHost[],
): string | undefined {
  const listed = isListed(origin, allowedHosts);
  if (origin.protocol === 'http:') {
    return listed && isLoopback(origin.hostname)
      ? undefined
      : 'http: is for loopback hosts listed in COUNTERSIGN_ALLOWED_HOSTS; use https:';
  }
  if (listed) return undefined;
  if (!parseEndpointName(origin.hostname)?.isUpstream) {
    return 'neither a Lambda function URL nor an API Gateway host, and not listed in COUNTERSIGN_ALLOWED_HOSTS';
  }
  return origin.port === 443 ? undefined : 'AWS endpoints are called on port 443 only';
}

/**
 * The rule for hosts that a document relies on and does not forward to: an authorizer, an identity provider. Any host name
 * is allowed, over TLS. The operator must list an address, because it may be a machine of a private network.
 *
 * @returns why the origin is refused, or undefined
 */
export function findForbiddenService(
  origin: Origin,
  allowedHosts: readonly AllowedHost[],
): string | undefined {
  if (isListed(origin, allowedHosts)) {
    return findForbiddenOrigin(origin, allowedHosts);
  }
  if (origin.protocol === 'http:') return findForbiddenOrigin(origin, allowedHosts);
  const isName = isIP(origin.hostname) === 0 && origin.hostname.includes('.');
  return isName
    ? undefined
    : 'an address, or a name without a dot, has to be listed in COUNTERSIGN_ALLOWED_HOSTS';
}

/** @returns whether the name or address can only mean this machine. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost') return true;
  const family = isIP(hostname);
  return (family === 4 && hostname.startsWith('127.')) || (family === 6 && hostname === '::1');
}

/** @returns whether the operator has named the host */
export function isListed(origin: Origin, allowedHosts: readonly AllowedHost[]): boolean {
  return allowedHosts.some((entry) => matchesEntry(origin, entry));
}

function matchesEntry(origin: Origin, entry: AllowedHost): boolean {
  if (entry.port !== undefined && entry.port !== origin.port) return false;
  if (entry.isWildcard) return origin.hostname.endsWith(`.${entry.hostname}`);
  return origin.hostname === entry.hostname;
}
