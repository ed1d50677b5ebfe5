/** Which route a request goes to when several claim it: what a route claims, and the order of claims. */
import type { Route } from './route.ts';

/** One of a route's `uri`s under one of its hosts, before it has a place in the trie. */
export interface Claim {
  readonly route: Route;
  readonly host: string;
  readonly uri: Route['uris'][number];
}

/** @returns every claim that a route makes, in the order written */
export function toClaims(route: Route): Claim[] {
  return route.hosts.flatMap((host) => route.uris.map((uri): Claim => ({ route, host, uri })));
}

/** What tells two claims apart, in order; then the order given decides. Below 0 the first one wins. */
export const precedence = {
  priority: (a: Claim, b: Claim) => b.route.priority - a.route.priority,
  host: (a: Claim, b: Claim) =>
    hostClass(a.host) - hostClass(b.host) ||
    // Of two wildcards that both fit, the longer one names fewer hosts.
    (a.host.startsWith('*') ? b.host.length - a.host.length : 0),
  length: (a: Claim, b: Claim) => b.uri.literalLength - a.uri.literalLength,
  exactness: (a: Claim, b: Claim) => Number(a.uri.isPrefix) - Number(b.uri.isPrefix),
} as const;

export function byPrecedence(a: Claim, b: Claim): number {
  const { priority, host, length, exactness } = precedence;
  return priority(a, b) || host(a, b) || length(a, b) || exactness(a, b);
}

function hostClass(host: string): number {
  if (host === '') return 2;
  return host.startsWith('*') ? 1 : 0;
}

/** Of the same host and path, with a method in common and the same priority: only the order given tells them apart. */
export function isSameClaim(a: Route, b: Route): boolean {
  if (a === b || a.priority !== b.priority) return false;
  const { methods } = b;
  return !a.methods || !methods || [...methods].some((method) => a.methods?.has(method));
}

/** @returns whether every method of `b` is one of `a`'s */
export function coversMethods(a: Route, b: Route): boolean {
  if (!a.methods) return true;
  return b.methods !== undefined && [...b.methods].every((method) => a.methods?.has(method));
}
