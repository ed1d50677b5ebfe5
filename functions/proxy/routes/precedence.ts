/** The order of precedence: which of several matching routes handles a request. */
import type { Route, RoutePlace } from './route.ts';

/** One `uri` of a route under one of its hosts, before it is inserted in the trie. */
export interface Place<T extends RoutePlace = Route> {
  readonly route: T;
  readonly host: string;
  readonly uri: RoutePlace['uris'][number];
}

/** @returns every combination of the route's hosts and uris, in the order written */
export function toPlaces<T extends RoutePlace>(route: T): Place<T>[] {
  return route.hosts.flatMap((host) => route.uris.map((uri) => ({ route, host, uri })));
}

/** Comparisons of two places. The first one that is not 0 decides; below 0, `a` wins. */
export const precedence = {
  priority: (a: Place<RoutePlace>, b: Place<RoutePlace>) => b.route.priority - a.route.priority,
  host: (a: Place<RoutePlace>, b: Place<RoutePlace>) =>
    hostClass(a.host) - hostClass(b.host) ||
    // Of two wildcards that both fit, the longer one names fewer hosts.
    (a.host.startsWith('*') ? b.host.length - a.host.length : 0),
  length: (a: Place<RoutePlace>, b: Place<RoutePlace>) => b.uri.literalLength - a.uri.literalLength,
  exactness: (a: Place<RoutePlace>, b: Place<RoutePlace>) =>
    Number(a.uri.isPrefix) - Number(b.uri.isPrefix),
} as const;

/**
 * Compares two places by precedence, for `sort`: negative if `a` wins over `b` (docs/route-documents.md, "Which
 * route wins").
 */
export function byPrecedence(a: Place<RoutePlace>, b: Place<RoutePlace>): number {
  const { priority, host, length, exactness } = precedence;
  return priority(a, b) || host(a, b) || length(a, b) || exactness(a, b);
}

function hostClass(host: string): number {
  if (host === '') return 2;
  return host.startsWith('*') ? 1 : 0;
}

/** @returns whether two routes of the same host and path also have the same priority and a method in common */
export function isSamePlace(a: RoutePlace, b: RoutePlace): boolean {
  if (a === b || a.priority !== b.priority) return false;
  const { methods } = b;
  return !a.methods || !methods || [...methods].some((method) => a.methods?.has(method));
}

/** @returns whether every method of `b` is one of `a`'s */
export function coversMethods(a: RoutePlace, b: RoutePlace): boolean {
  if (!a.methods) return true;
  return b.methods !== undefined && [...b.methods].every((method) => a.methods?.has(method));
}
