/** Routes → the stored trie that requests are matched with. */
import {
  conditionBit,
  entrySize,
  hashName,
  type MatchIndex,
  nodeField,
  nodeSize,
  rowSize,
  toMethodSet,
} from './match-index.ts';
import { byPrecedence, createRivalFinder, type Place, toPlaces } from './precedence.ts';
import type { RoutePlace } from './route.ts';

/** One path of a route under one of its hosts, with its place in the order of precedence. */
interface Entry {
  readonly rank: number;
  readonly route: number;
  readonly methods: number;
  readonly prefixDepth: number;
  readonly prefixLength: number;
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | undefined;
  /** In order of rank, like the others. */
  readonly ends: Entry[];
  readonly open: Entry[];
  readonly partials: Map<string, Entry[]>;
}

/** An index of routes, and the routes that conflict. */
export interface BuiltIndex<T> {
  readonly index: MatchIndex;
  /** Pairs of routes with the same host, path, method and priority; the first of each wins. */
  readonly conflicts: readonly (readonly [winner: T, loser: T])[];
}

/**
 * @param routes enabled ones, in order of parameter name and id; the index names each by its position in this list
 * @param documents names of parameters: the index finds the position of each, plus one
 */
export function buildMatchIndex<T extends RoutePlace>(
  routes: readonly T[],
  documents: readonly string[] = [],
): BuiltIndex<T> {
  const positions = new Map(routes.map((route, position) => [route, position]));
  const places = routes.flatMap(toPlaces).sort(byPrecedence);
  const root = createNode();
  const findRival = createRivalFinder<T>();
  const conflicts: [T, T][] = [];
  for (const [rank, { route, host, uri }] of places.entries()) {
    const methods = toMethodSet(route.methods ?? []);
    const { rival, isCovered } = findRival({ route, host, uri }, methods);
    if (rival) conflicts.push([rival, route]);
    // A route that an earlier one covers whole could only make the search longer.
    if (isCovered) continue;
    const prefix = toPrefix(uri);
    insert(getChild(root, host), uri, {
      rank,
      route: positions.get(route) ?? 0,
      methods: route.condition === undefined ? methods : methods | conditionBit,
      ...prefix,
    });
  }
  const depth = places.reduce((deepest, { uri }) => Math.max(deepest, uri.segments.length), 0);
  return { index: store({ root, depth, documents }), conflicts };
}

function insert(root: Node, uri: Place<RoutePlace>['uri'], entry: Entry): void {
  const path = uri.isPrefix ? uri.segments.slice(0, -1) : uri.segments;
  const node = path.reduce(getChild, root);
  const beginning = uri.segments.at(-1) ?? '';
  if (!uri.isPrefix) node.ends.push(entry);
  else if (beginning === '') node.open.push(entry);
  else if (!node.partials.get(beginning)?.push(entry)) node.partials.set(beginning, [entry]);
}

function toPrefix({ isPrefix, segments }: Place<RoutePlace>['uri']) {
  if (!isPrefix) return { prefixDepth: -1, prefixLength: 0 };
  return { prefixDepth: segments.length - 1, prefixLength: segments.at(-1)?.length ?? 0 };
}

/** @param segment undefined for a `:name` */
function getChild(node: Node, segment: string | undefined): Node {
  if (segment === undefined) {
    node.parameter ??= createNode();
    return node.parameter;
  }
  const child = node.literals.get(segment) ?? createNode();
  node.literals.set(segment, child);
  return child;
}

function createNode(): Node {
  return { literals: new Map(), parameter: undefined, ends: [], open: [], partials: new Map() };
}

/** What is written so far. */
interface Draft {
  readonly words: number[];
  readonly names: string[];
  namesLength: number;
  /** By name: a segment that many paths have is stored once. */
  readonly starts: Map<string, number>;
}

interface Parts {
  readonly root: Node;
  readonly depth: number;
  readonly documents: readonly string[];
}

function store({ root, depth, documents }: Parts): MatchIndex {
  const draft: Draft = { words: [0, depth, 0], names: [], namesLength: 0, starts: new Map() };
  draft.words[0] = storeNode(root, draft);
  const places = new Map(documents.map((name, place) => [name, place + 1]));
  draft.words[2] = storeTable(places, (place) => place, draft);
  return { words: Int32Array.from(draft.words), names: draft.names.join('') };
}

/** @returns the offset of the node */
function storeNode(node: Node, draft: Draft): number {
  const at = reserve(nodeSize, draft);
  const literals = storeTable(node.literals, (child) => storeNode(child, draft), draft);
  const parameter = node.parameter ? storeNode(node.parameter, draft) : 0;
  draft.words[at + nodeField.literals] = literals;
  draft.words[at + nodeField.parameter] = parameter;
  draft.words[at + nodeField.ends] = storeEntries(node.ends, draft);
  draft.words[at + nodeField.open] = storeEntries(node.open, draft);
  draft.words[at + nodeField.partials] = storePartials(node.partials, draft);
  return at;
}

function storeEntries(entries: readonly Entry[], draft: Draft): number {
  if (entries.length === 0) return 0;
  const at = reserve(1 + entries.length * entrySize, draft);
  const fields = entries.flatMap((entry) => [
    ...[entry.rank, entry.route, entry.methods],
    ...[entry.prefixDepth, entry.prefixLength],
  ]);
  fill(draft, at, [entries.length, ...fields]);
  return at;
}

function storePartials(partials: ReadonlyMap<string, readonly Entry[]>, draft: Draft): number {
  if (partials.size === 0) return 0;
  const lengths = [...new Set([...partials.keys()].map(({ length }) => length))];
  lengths.sort((a, b) => b - a);
  const at = reserve(1 + lengths.length, draft);
  fill(draft, at, [lengths.length, ...lengths]);
  // The table has to follow at once, so its rows are reserved before the entries that they lead to.
  storeTable(partials, (entries) => storeEntries(entries, draft), draft);
  return at;
}

function storeTable<T>(
  items: ReadonlyMap<string, T>,
  storeItem: (item: T) => number,
  draft: Draft,
): number {
  if (items.size === 0) return 0;
  const rows = [...items].map(([name, item]) => ({ name, item, hash: hashName(name) }));
  rows.sort((a, b) => a.hash - b.hash);
  const at = reserve(1 + rows.length * rowSize, draft);
  draft.words[at] = rows.length;
  for (const [place, { name, item, hash }] of rows.entries()) {
    const target = storeItem(item);
    fill(draft, at + 1 + place * rowSize, [hash, storeName(name, draft), name.length, target]);
  }
  return at;
}

function storeName(name: string, draft: Draft): number {
  const known = draft.starts.get(name);
  if (known !== undefined) return known;
  const start = draft.namesLength;
  draft.starts.set(name, start);
  draft.names.push(name);
  draft.namesLength += name.length;
  return start;
}

function reserve(size: number, { words }: Draft): number {
  const at = words.length;
  for (let place = 0; place < size; place += 1) words.push(0);
  return at;
}

function fill({ words }: Draft, at: number, values: readonly number[]): void {
  for (const [place, value] of values.entries()) words[at + place] = value;
}
