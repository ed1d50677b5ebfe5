/** request × table → route. Cost depends on the path's length, not on how many routes there are. */
import { ProxyError } from '../http/errors.ts';
import { toHostName } from '../http/headers.ts';
import type { ProxyRequest } from '../http/message.ts';
import { sliceAfterKey, toMatchKey } from '../http/path.ts';
import { byPrecedence, type Claim, coversMethods, isSameClaim, toClaims } from './precedence.ts';
import type { Route } from './route.ts';

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
  /** Of the same path, in order of rank. */
  next: Entry | undefined;
}

/**
 * A trie over path segments. Most nodes have one child and one entry, and a large table is slow by the memory that a search
 * touches, so that nothing is made before it is needed.
 */
interface Node {
  /** Name of the only literal child; that child alone, as long as there is one. */
  name: string;
  child: Node | undefined;
  /** All literal children, from the second on. */
  children: Map<string, Node> | undefined;
  parameter: Node | undefined;
  /** Paths that end here. */
  ends: Entry | undefined;
  /** Prefixes `…/*`. */
  open: Entry | undefined;
  /** Prefixes that take the beginning of a segment (`…/v*`). */
  partial: PartialPrefixes | undefined;
}

interface PartialPrefixes {
  readonly byBeginning: Map<string, Entry>;
  /** Of those beginnings. */
  readonly lengths: number[];
}

export interface Matcher {
  /** @throws ProxyError `NO_ROUTE`, or `METHOD_NOT_ALLOWED` with `allow` */
  match(request: ProxyRequest): Match;
  /** Pairs of routes that claim the same host, path, method and priority; the first of each wins. */
  readonly conflicts: readonly (readonly [winner: Route, loser: Route])[];
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
    insert(root, uri, { route, rank, prefix: toPrefix(uri), next: undefined });
  }
  const depth = claims.reduce((most, { uri }) => Math.max(most, uri.segments.length), 0);
  return { match: (request) => findRoute({ byHost, depth }, request), conflicts };
}

interface Trie {
  readonly byHost: ReadonlyMap<string, Node>;
  /** Segments of the deepest path. */
  readonly depth: number;
}

function findRoute({ byHost, depth }: Trie, request: ProxyRequest): Match {
  const key = toMatchKey(request.path);
  // One more than any route has tells that the path goes on; a client may send half a million.
  const segments = key.slice(1).split('/', depth + 1);
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
  consider(node.open, search);
  if (node.partial) {
    const { byBeginning, lengths } = node.partial;
    for (const length of lengths) {
      if (segment.length >= length) consider(byBeginning.get(segment.slice(0, length)), search);
    }
  }
  const literal = findChild(node, segment);
  if (literal) visit(literal, depth + 1, search);
  if (node.parameter && segment !== '') visit(node.parameter, depth + 1, search);
}

function findChild(node: Node, segment: string): Node | undefined {
  if (node.children) return node.children.get(segment);
  return node.child && node.name === segment ? node.child : undefined;
}

function consider(first: Entry | undefined, search: Search): void {
  for (let entry = first; entry; entry = entry.next) {
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
  const host = toHostName(hostHeader);
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
  const beginning = uri.segments.at(-1) ?? '';
  if (!uri.isPrefix) node.ends = append(node.ends, entry);
  else if (beginning === '') node.open = append(node.open, entry);
  else insertPartial(node, beginning, entry);
}

function insertPartial(node: Node, beginning: string, entry: Entry): void {
  node.partial ??= { byBeginning: new Map(), lengths: [] };
  const { byBeginning, lengths } = node.partial;
  byBeginning.set(beginning, append(byBeginning.get(beginning), entry));
  if (!lengths.includes(beginning.length)) lengths.push(beginning.length);
}

/** @returns the first of them */
function append(first: Entry | undefined, entry: Entry): Entry {
  if (!first) return entry;
  let last = first;
  while (last.next) last = last.next;
  last.next = entry;
  return first;
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
  const known = findChild(node, segment);
  if (known) return known;
  const child = createNode();
  if (node.children) node.children.set(segment, child);
  else if (node.child) {
    node.children = new Map([
      [node.name, node.child],
      [segment, child],
    ]);
    node.child = undefined;
  } else {
    node.name = segment;
    node.child = child;
  }
  return child;
}

function createNode(): Node {
  return {
    name: '',
    child: undefined,
    children: undefined,
    parameter: undefined,
    ends: undefined,
    open: undefined,
    partial: undefined,
  };
}
