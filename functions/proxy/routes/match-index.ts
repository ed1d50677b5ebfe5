/**
 * How the trie of all paths is stored: numbers in one array, and all names in one string. Nothing has to be built from it
 * before the first search. `docs/snapshot.md` has the layout.
 *
 *     words     [0] the root node, whose literal children are hosts · [1] segments of the deepest path · [2] table of documents
 *     node      literals · parameter · ends · open · partials: offsets, 0 for none
 *     table     number of rows, then the rows in order of their hashes: hash · start of name · length of name · target
 *     entries   number of entries, then each: rank · route · methods and condition · prefix depth · prefix length
 *     partials  number of lengths, the lengths, then a table whose targets are entries
 */
import { httpMethods } from '../http/methods.ts';

/** The match index in flat arrays. The constants below give the sizes of its records in words. */
export interface MatchIndex {
  readonly words: Int32Array;
  /** One character a byte. */
  readonly names: string;
}

/** Places inside a node. */
export const nodeField = {
  /** Table of literal segments; their targets are nodes. */
  literals: 0,
  /** Node of a `:name` segment. */
  parameter: 1,
  /** Entries of paths that end here. */
  ends: 2,
  /** Entries of prefixes that end with a whole segment (`…/*`). */
  open: 3,
  /** Prefixes that take the beginning of a segment (`…/v*`). */
  partials: 4,
} as const;
/** Words of a node's record. */
export const nodeSize = 5;

/** Places inside a row of a table. */
export const rowField = { hash: 0, nameStart: 1, nameLength: 2, target: 3 } as const;
/** Words of a row's record. */
export const rowSize = 4;

/** Places inside an entry: one path of a route under one of its hosts. */
export const entryField = {
  /** Place in the order of precedence; lower wins. */
  rank: 0,
  /** Place of the route in the table. */
  route: 1,
  /** A set of methods, 0 for all; with {@link conditionBit} where the route has a condition. */
  methods: 2,
  /** Whole segments that the prefix takes; -1 for a path that is no prefix. */
  prefixDepth: 3,
  /** Characters that the prefix takes of the next segment. */
  prefixLength: 4,
} as const;
/** Words of an entry's record. */
export const entrySize = 5;

/** In an entry's set of methods: the route has a condition. */
export const conditionBit = 1 << 30;

/** What the hash of a name begins with. */
export const hashSeed = 0x811c9dc5 | 0;

/** One step of FNV-1a with 32 bits. */
export function addToHash(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** From the last character to the first: one pass over a host name gives the hash of each of its suffixes. */
export function hashName(name: string): number {
  let hash = hashSeed;
  for (let at = name.length - 1; at >= 0; at -= 1) hash = addToHash(hash, name.charCodeAt(at));
  return hash;
}

/** @returns one bit for each method that a document may name; what none may name has none */
export function toMethodSet(names: Iterable<string>): number {
  let set = 0;
  for (const name of names) {
    const place = (httpMethods as readonly string[]).indexOf(name);
    if (place !== -1) set |= 1 << place;
  }
  return set;
}

/** @returns the methods of a set, sorted */
export function toMethodNames(set: number): string[] {
  return httpMethods.filter((_, place) => (set & (1 << place)) !== 0).sort();
}
