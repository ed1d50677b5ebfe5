/** request × table → route. Cost depends on the path's length, not on how many routes there are. */
import { ProxyError } from './errors.ts';
import { sliceAfterKey, toMatchKey } from './path.ts';
import type { Route } from './routes/compile.ts';
import type { ProxyRequest } from './types.ts';

export interface Match {
  readonly route: Route;
  /** What follows a prefix route's `*`, as it travels; undefined for the other kinds. */
  readonly rest: string | undefined;
}

/** One `uri` of a route under one of its hosts. */
interface Entry {
  readonly route: Route;
  /** How much of the path the prefix takes: whole segments, and characters of the next; undefined for other paths. */
  readonly prefix: { readonly depth: number; readonly length: number } | undefined;
  /** Place in the order of precedence; lower wins. */
  readonly rank: number;
}

/** A trie over path segments. */
interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | undefined;
  /** Paths that end here. */
  readonly ends: Entry[];
  /** Prefixes by the beginning of the next segment (`''` for `/*`), and the lengths of those beginnings. */
  readonly prefixes: Map<string, Entry[]>;
  readonly prefixLengths: number[];
}

export interface Matcher {
  /** @throws ProxyError `NO_ROUTE`, or `METHOD_NOT_ALLOWED` with `allow` */
  match(request: ProxyRequest): Match;
  /** Pairs of routes that claim the same host, path, method and priority; the first of each wins. */
  readonly conflicts: readonly (readonly [winner: Route, loser: Route])[];
}

/** One of a route's `uri`s under one of its hosts, before it has a place in the trie. */
export interface Claim {
  readonly route: Route;
  readonly host: string;
  readonly uri: Route['uris'][number];
}

/** @param routes enabled ones, in order of parameter name and id */
export function createMatcher(routes: readonly Route[]): Matcher {
  const claims = routes.flatMap(toClaims).sort(byPrecedence);
  const byHost = new Map<string, Node>();
  const seen = new Map<string, Route[]>();
  const conflicts: [Route, Route][] = [];
  for (const [rank, { route, host, uri }] of claims.entries()) {
    const key = `${host} ${uri.shape}`;
    const earlier = seen.get(key) ?? [];
    seen.set(key, [...earlier, route]);
    const rival = earlier.find((other) => isSameClaim(other, route));
    if (rival) conflicts.push([rival, route]);
    // A route that an earlier one covers whole could only make the search longer.
    if (earlier.some((other) => coversMethods(other, route))) continue;
    const root = byHost.get(host) ?? createNode();
    byHost.set(host, root);
    insert(root, uri, { route, rank, prefix: toPrefix(uri) });
  }
  return { match: (request) => findRoute(byHost, request), conflicts };
}

function findRoute(byHost: ReadonlyMap<string, Node>, request: ProxyRequest): Match {
  const key = toMatchKey(request.path);
  const segments = key.slice(1).split('/');
  const search: Search = { segments, method: request.method, best: undefined, allowed: new Set() };
  for (const host of candidateHosts(request.host)) {
    const root = byHost.get(host);
    if (root) visit(root, 0, search);
  }
  const { best, allowed } = search;
  if (best) {
    const { route, prefix } = best;
    if (!prefix) return { route, rest: undefined };
    const whole = segments.slice(0, prefix.depth).reduce((sum, { length }) => sum + length + 1, 1);
    return { route, rest: sliceAfterKey(request.path, whole + prefix.length) };
  }
  if (allowed.size === 0) throw new ProxyError('NO_ROUTE', 'no route matches');
  throw new ProxyError('METHOD_NOT_ALLOWED', `no route takes ${request.method}`, {
    headers: { allow: [...allowed].sort().join(', ') },
  });
}

interface Search {
  readonly segments: readonly string[];
  readonly method: string;
  best: Entry | undefined;
  readonly allowed: Set<string>;
}

function visit(node: Node, depth: number, search: Search): void {
  const segment = search.segments[depth];
  if (segment === undefined) {
    consider(node.ends, search);
    return;
  }
  for (const length of node.prefixLengths) {
    if (segment.length >= length) consider(node.prefixes.get(segment.slice(0, length)), search);
  }
  const literal = node.literals.get(segment);
  if (literal) visit(literal, depth + 1, search);
  if (node.parameter && segment !== '') visit(node.parameter, depth + 1, search);
}

function consider(entries: readonly Entry[] | undefined, search: Search): void {
  if (!entries) return;
  for (const entry of entries) {
    if (search.best && search.best.rank < entry.rank) return;
    const { methods } = entry.route;
    if (!methods || methods.has(search.method)) {
      search.best = entry;
      return;
    }
    for (const method of methods) search.allowed.add(method);
  }
}

/** The request's host itself, each `.suffix` that a wildcard may name, and `''` for routes without hosts. */
function candidateHosts(hostHeader: string): string[] {
  const host = hostHeader.replace(/:\d+$/, '').replace(/\.$/, '');
  // No DNS name is longer (RFC 1035 §2.3.4); what is, is no host of any route.
  if (host === '' || host.length > 253) return [''];
  const candidates = [host];
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    if (dot > 0) candidates.push(`*${host.slice(dot)}`);
  }
  return [...candidates, ''];
}

function insert(root: Node, uri: Claim['uri'], entry: Entry): void {
  const path = uri.isPrefix ? uri.segments.slice(0, -1) : uri.segments;
  let node = root;
  for (const segment of path) node = descend(node, segment);
  if (!uri.isPrefix) {
    node.ends.push(entry);
    return;
  }
  const beginning = uri.segments.at(-1) ?? '';
  const entries = node.prefixes.get(beginning) ?? [];
  node.prefixes.set(beginning, [...entries, entry]);
  if (!node.prefixLengths.includes(beginning.length)) node.prefixLengths.push(beginning.length);
}

function toPrefix({ isPrefix, segments }: Claim['uri']): Entry['prefix'] {
  return isPrefix
    ? { depth: segments.length - 1, length: segments.at(-1)?.length ?? 0 }
    : undefined;
}

function descend(node: Node, segment: string | undefined): Node {
  if (segment === undefined) {
    node.parameter ??= createNode();
    return node.parameter;
  }
  const next = node.literals.get(segment) ?? createNode();
  node.literals.set(segment, next);
  return next;
}

function createNode(): Node {
  return {
    literals: new Map(),
    parameter: undefined,
    ends: [],
    prefixes: new Map(),
    prefixLengths: [],
  };
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

function isSameClaim(a: Route, b: Route): boolean {
  if (a === b || a.priority !== b.priority) return false;
  const { methods } = b;
  return !a.methods || !methods || [...methods].some((method) => a.methods?.has(method));
}

function coversMethods(a: Route, b: Route): boolean {
  if (!a.methods) return true;
  return b.methods !== undefined && [...b.methods].every((method) => a.methods?.has(method));
}
