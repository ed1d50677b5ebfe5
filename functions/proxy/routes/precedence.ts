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

/** The routes of one host and path. */
export interface Claims<T> {
  /**
   * Adds a route, in order of precedence.
   *
   * @param methods its methods as a set; 0 for all
   * @returns the first route before it with the same priority and a method in common, and whether one before it takes all its
   * methods
   */
  add(route: T, methods: number): { readonly rival: T | undefined; readonly isCovered: boolean };
}

interface Claim<T> {
  readonly route: T;
  readonly methods: number;
}

/**
 * Very many routes may have one host and path, so no list here has an item for each: there are 511 sets of methods, and of
 * each set the first two routes decide.
 */
export function createClaims<T extends RoutePlace>(): Claims<T> {
  const taken: number[] = [];
  let priority: number | undefined;
  let rivals: Claim<T>[] = [];
  let counts = new Map<number, T | 'two'>();
  return {
    add(route, methods) {
      if (route.priority !== priority) {
        priority = route.priority;
        rivals = [];
        counts = new Map();
      }
      const rival = rivals.find((claim) => claim.route !== route && meets(claim.methods, methods));
      const first = counts.get(methods);
      if (first !== 'two' && first !== route) {
        rivals.push({ route, methods });
        counts.set(methods, first ? 'two' : route);
      }
      const isCovered = taken.some((earlier) => covers(earlier, methods));
      if (!isCovered) taken.push(methods);
      return { rival: rival?.route, isCovered };
    },
  };
}

function meets(a: number, b: number): boolean {
  return a === 0 || b === 0 || (a & b) !== 0;
}

function covers(a: number, b: number): boolean {
  return a === 0 || (b !== 0 && (a & b) === b);
}
