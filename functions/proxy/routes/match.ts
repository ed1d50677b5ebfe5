/**
 * request × table → route. The cost depends on the length of the path, and hardly on the number of routes: the search walks a
 * trie that is stored in one array of numbers, so that a table is ready to be searched as soon as its bytes are there.
 */
import { ProxyError } from '../http/errors.ts';
import { toHostName } from '../http/headers.ts';
import type { ProxyRequest } from '../http/message.ts';
import { sliceAfterKey, toMatchKey } from '../http/path.ts';
import type { AskConditions, Decision } from './ask-conditions.ts';
import {
  addToHash,
  conditionBit,
  entryField,
  entrySize,
  hashName,
  hashSeed,
  type MatchIndex,
  nodeField,
  rowField,
  rowSize,
  toMethodNames,
  toMethodSet,
} from './match-index.ts';
import type { Route } from './route.ts';

/** The route that serves a request. */
export interface Match<T = Route> {
  readonly route: T;
  /** What follows a prefix route's `*`, as it travels; undefined for the other kinds. */
  readonly rest: string | undefined;
}

/** Finds the route of a request. */
export interface Matcher<T = Route> {
  /** @throws ProxyError `NO_ROUTE`, or `METHOD_NOT_ALLOWED` with `allow` */
  match(request: ProxyRequest): Match<T>;
}

/** What a search asks about the places that the index names. */
export interface Searched<T> {
  readonly index: MatchIndex;
  readonly routeAt: (place: number) => T;
  /** Asked where the search has come to routes with a condition. */
  readonly ask: AskConditions;
}

/** @returns a matcher of the routes in an index */
export function searchIn<T>(searched: Searched<T>): Matcher<T> {
  return { match: (request) => findRoute(searched, request) };
}

function findRoute<T>({ index, routeAt, ask }: Searched<T>, request: ProxyRequest): Match<T> {
  const key = toMatchKey(request.path);
  const { words } = index;
  const [root = 0, depth = 0] = words;
  // One segment more than any route has shows that the path goes on. A client may send half a million of them.
  const segments = key.slice(1).split('/', depth + 1);
  const method = toMethodSet([request.method]);
  const outcome = { best: 0, allowed: 0, conditional: undefined };
  const search: Search = { index, segments, method, ...outcome };
  visitHosts(words[root + nodeField.literals] ?? 0, request.host, search);
  const { best, allowed } = decide(search, ask, request);
  if (best === 0) throw toRefusal(request, allowed);
  const route = routeAt(words[best + entryField.route] ?? 0);
  const prefixDepth = words[best + entryField.prefixDepth] ?? -1;
  if (prefixDepth < 0) return { route, rest: undefined };
  const whole = segments.slice(0, prefixDepth).reduce((sum, { length }) => sum + length + 1, 1);
  const partial = words[best + entryField.prefixLength] ?? 0;
  return { route, rest: sliceAfterKey(request.path, whole + partial) };
}

function decide(search: Search, ask: AskConditions, request: ProxyRequest): Decision {
  const { conditional: entries, index, allowed } = search;
  if (!entries) return search;
  const decision = ask({ ...search, words: index.words, request, entries });
  return { ...decision, allowed: decision.allowed | allowed };
}

/** @param allowed methods that routes of the path take */
function toRefusal({ method }: ProxyRequest, allowed: number): ProxyError {
  if (allowed === 0) return new ProxyError('NO_ROUTE', 'no route matches');
  return new ProxyError('METHOD_NOT_ALLOWED', `no route takes ${method}`, {
    headers: { allow: toMethodNames(allowed).join(', ') },
  });
}

interface Search {
  readonly index: MatchIndex;
  readonly segments: readonly string[];
  /** A set of methods, with the request's alone in it. */
  readonly method: number;
  /** Offset of the entry that wins so far, of those without a condition; 0 before there is one. */
  best: number;
  /** Methods that routes of this path take. */
  allowed: number;
  /** Offsets of entries with a condition; undefined before the first one. */
  conditional: number[] | undefined;
}

const dot = 0x2e;
const star = 0x2a;

/** Visits the request's host itself, each `*.suffix` that a wildcard may name, and routes without hosts. */
function visitHosts(table: number, hostHeader: string, search: Search): void {
  const { index } = search;
  const visitHost = (hash: number, name: string) => {
    const node = findRow(index, table, { hash, name });
    if (node) visit(node, 0, search);
  };
  visitHost(hashSeed, '');
  const host = toHostName(hostHeader);
  // No DNS name is longer (RFC 1035 §2.3.4), so a longer host matches no route.
  if (host === '' || host.length > 253) return;
  let hash = hashSeed;
  for (let at = host.length - 1; at >= 0; at -= 1) {
    const code = host.charCodeAt(at);
    hash = addToHash(hash, code);
    if (code !== dot || at === 0) continue;
    const wildcard = addToHash(hash, star);
    if (hasHash(index, table, wildcard)) visitHost(wildcard, `*${host.slice(at)}`);
  }
  visitHost(hash, host);
}

function visit(node: number, depth: number, search: Search): void {
  const { index, segments } = search;
  const { words } = index;
  const segment = segments[depth];
  if (segment === undefined) {
    consider(words[node + nodeField.ends] ?? 0, search);
    return;
  }
  consider(words[node + nodeField.open] ?? 0, search);
  const partials = words[node + nodeField.partials];
  if (partials) considerPartials(partials, segment, search);
  const name = { name: segment, hash: hashName(segment) };
  const literal = findRow(index, words[node + nodeField.literals] ?? 0, name);
  if (literal) visit(literal, depth + 1, search);
  const parameter = words[node + nodeField.parameter];
  if (parameter && segment !== '') visit(parameter, depth + 1, search);
}

/** @param list lengths of the beginnings, longest first, then the table of the beginnings */
function considerPartials(list: number, segment: string, search: Search): void {
  const { words } = search.index;
  const count = words[list] ?? 0;
  const table = list + 1 + count;
  for (let at = list + 1; at < table; at += 1) {
    const length = words[at] ?? 0;
    if (segment.length < length) continue;
    const name = segment.slice(0, length);
    consider(findRow(search.index, table, { name, hash: hashName(name) }), search);
  }
}

/** @returns what the row of this name leads to, or 0 */
export function findRow(
  index: MatchIndex,
  table: number,
  { name, hash }: { readonly name: string; readonly hash: number },
): number {
  if (table === 0) return 0;
  const { words, names } = index;
  const end = table + 1 + (words[table] ?? 0) * rowSize;
  for (let row = findFirstRow(words, table, hash); row < end && words[row] === hash; ) {
    const isSame =
      words[row + rowField.nameLength] === name.length &&
      names.startsWith(name, words[row + rowField.nameStart]);
    if (isSame) return words[row + rowField.target] ?? 0;
    row += rowSize;
  }
  return 0;
}

/** May read past the end of the table, and find the hash there. The caller asks `findRow` next, which checks the name. */
function hasHash({ words }: MatchIndex, table: number, hash: number): boolean {
  return words[findFirstRow(words, table, hash)] === hash;
}

/** @returns the first row whose hash is not below `hash`; rows are in order of their hashes */
function findFirstRow(words: Int32Array, table: number, hash: number): number {
  const first = table + 1;
  let low = 0;
  let high = words[table] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[first + middle * rowSize] ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return first + low * rowSize;
}

/** @param list entries in order of precedence. Those with a condition are kept: they are asked when the search is over */
function consider(list: number, search: Search): void {
  if (list === 0) return;
  const { words } = search.index;
  const end = list + 1 + (words[list] ?? 0) * entrySize;
  const rankToBeat = search.best === 0 ? undefined : words[search.best + entryField.rank];
  for (let entry = list + 1; entry < end; entry += entrySize) {
    if (rankToBeat !== undefined && rankToBeat < (words[entry + entryField.rank] ?? 0)) return;
    if (!takes(entry, search)) continue;
    search.best = entry;
    return;
  }
}

/** Whether the route of an entry takes the request, as far as is known yet. One that takes other methods is noted for `Allow`. */
function takes(entry: number, search: Search): boolean {
  const methods = search.index.words[entry + entryField.methods] ?? 0;
  if ((methods & conditionBit) !== 0) {
    search.conditional ??= [];
    search.conditional.push(entry);
    return false;
  }
  if (methods === 0 || (methods & search.method) !== 0) return true;
  search.allowed |= methods;
  return false;
}
