/** Which route a request goes to when several claim it: what a route claims, and the order of claims. */
import type { Route, RoutePlace } from './route.ts';

/** One of a route's `uri`s under one of its hosts, before it has a place in the trie. */
export interface Claim<T extends RoutePlace = Route> {
  readonly route: T;
  readonly host: string;
  readonly uri: RoutePlace['uris'][number];
}

/** @returns every claim that a route makes, in the order written */
export function toClaims<T extends RoutePlace>(route: T): Claim<T>[] {
  return route.hosts.flatMap((host) => route.uris.map((uri) => ({ route, host, uri })));
}

/** What tells two claims apart, in order; then the order given decides. Below 0 the first one wins. */
export const precedence = {
  priority: (a: Claim<RoutePlace>, b: Claim<RoutePlace>) => b.route.priority - a.route.priority,
  host: (a: Claim<RoutePlace>, b: Claim<RoutePlace>) =>
    hostClass(a.host) - hostClass(b.host) ||
    // Of two wildcards that both fit, the longer one names fewer hosts.
    (a.host.startsWith('*') ? b.host.length - a.host.length : 0),
  length: (a: Claim<RoutePlace>, b: Claim<RoutePlace>) => b.uri.literalLength - a.uri.literalLength,
  exactness: (a: Claim<RoutePlace>, b: Claim<RoutePlace>) =>
    Number(a.uri.isPrefix) - Number(b.uri.isPrefix),
} as const;

/**
 * Compares two routes by precedence, for `sort`: negative where `a` wins over `b` (docs/route-documents.md, "Which
 * route wins").
 */
export function byPrecedence(a: Claim<RoutePlace>, b: Claim<RoutePlace>): number {
  const { priority, host, length, exactness } = precedence;
  return priority(a, b) || host(a, b) || length(a, b) || exactness(a, b);
}

function hostClass(host: string): number {
  if (host === '') return 2;
  return host.startsWith('*') ? 1 : 0;
}

/** Of the same host and path, with a method in common and the same priority: only the order given tells them apart. */
export function isSameClaim(a: RoutePlace, b: RoutePlace): boolean {
  if (a === b || a.priority !== b.priority) return false;
  const { methods } = b;
  return !a.methods || !methods || [...methods].some((method) => a.methods?.has(method));
}

/** @returns whether every method of `b` is one of `a`'s */
export function coversMethods(a: RoutePlace, b: RoutePlace): boolean {
  if (!a.methods) return true;
  return b.methods !== undefined && [...b.methods].every((method) => a.methods?.has(method));
}
