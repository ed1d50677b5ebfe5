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

/** How a place relates to those before it. */
export interface Rivalry<T> {
  /** The first route before it with the same host, path, condition and priority, and a method in common. */
  readonly rival: T | undefined;
  /** The routes before it take all requests that it would take. */
  readonly isCovered: boolean;
}

/**
 * @returns a function that is told of each place in order of precedence, with the methods of its route as a set; 0 for all
 */
export function createRivalFinder<T extends RoutePlace>(): (
  place: Place<T>,
  methods: number,
) => Rivalry<T> {
  const byKey = new Map<string, PlaceRoutes<T>>();
  const find = (key: string) => {
    const known = byKey.get(key) ?? createPlaceRoutes<T>();
    byKey.set(key, known);
    return known;
  };
  return ({ route, host, uri }, methods) => {
    const key = `${host} ${uri.shape}`;
    if (route.condition === undefined) return find(key).add(route, methods);
    // A route without a condition takes whatever one with a condition would; of others nothing is known.
    const all = find(key).judge(route, methods);
    const same = find(`${key} ${route.condition}`).add(route, methods);
    return { rival: all.rival ?? same.rival, isCovered: all.isCovered || same.isCovered };
  };
}

/** The routes of one host, path and condition. */
interface PlaceRoutes<T> {
  judge(route: T, methods: number): Rivalry<T>;
  /** Judges a route, and remembers it. */
  add(route: T, methods: number): Rivalry<T>;
}

interface RouteMethods<T> {
  readonly route: T;
  readonly methods: number;
}

/**
 * Very many routes may have one host and path, so no list here has an item for each: there are 511 sets of methods, and of
 * each set the first two routes decide.
 */
function createPlaceRoutes<T extends RoutePlace>(): PlaceRoutes<T> {
  const taken: number[] = [];
  let priority: number | undefined;
  let rivals: RouteMethods<T>[] = [];
  let counts = new Map<number, T | 'two'>();
  const judge = (route: T, methods: number) => {
    const isRival = (other: RouteMethods<T>) =>
      other.route !== route && meets(other.methods, methods);
    const rival = route.priority === priority ? rivals.find(isRival)?.route : undefined;
    return { rival, isCovered: taken.some((earlier) => covers(earlier, methods)) };
  };
  return {
    judge,
    add(route, methods) {
      const judged = judge(route, methods);
      if (route.priority !== priority) {
        priority = route.priority;
        rivals = [];
        counts = new Map();
      }
      const first = counts.get(methods);
      if (first !== 'two' && first !== route) {
        rivals.push({ route, methods });
        counts.set(methods, first ? 'two' : route);
      }
      if (!judged.isCovered) taken.push(methods);
      return judged;
    },
  };
}

function meets(a: number, b: number): boolean {
  return a === 0 || b === 0 || (a & b) !== 0;
}

function covers(a: number, b: number): boolean {
  return a === 0 || (b !== 0 && (a & b) === b);
}
