/** Wanted documents × stored documents → changes. */
import { isDeepStrictEqual } from 'node:util';
import type { StoredDocument } from '../documents/stored.ts';
import { findJson } from '../terminal/json.ts';

/** What a plan does with a document. */
export type Action = 'add' | 'change' | 'remove' | 'keep';

/** One document of a plan: what is stored, and what will be. */
export interface Change {
  readonly id: string;
  readonly action: Action;
  /** What is stored; undefined for additions. */
  readonly before: StoredDocument | undefined;
  /** What is to be stored; undefined for removals. */
  readonly after: string | undefined;
  /** Where the text comes from, as messages name it. */
  readonly source: string;
}

/** A document as it is to be stored. */
export interface Wanted {
  readonly id: string;
  readonly text: string;
  readonly source: string;
}

/** How a plan is made. */
export interface PlanOptions {
  /** What is stored and not wanted is removed. */
  readonly prune: boolean;
}

/** Compares wanted documents with stored ones. The result has one change for each id. */
export function toPlan(
  wanted: readonly Wanted[],
  stored: readonly StoredDocument[],
  { prune }: PlanOptions,
): Change[] {
  const byId = new Map(stored.map((document) => [document.id, document]));
  const changes = wanted.map(({ id, text, source }): Change => {
    const before = byId.get(id);
    const isSame = before !== undefined && isSameDocument(before.value, text);
    const action = before === undefined ? 'add' : isSame ? 'keep' : 'change';
    return { id, action, before, after: text, source };
  });
  const ids = new Set(wanted.map(({ id }) => id));
  const surplus = prune ? stored.filter(({ id }) => !ids.has(id)) : [];
  return [...changes, ...surplus.map(toRemoval)];
}

/** The change that removes a document. */
export function toRemoval(before: StoredDocument): Change {
  return { id: before.id, action: 'remove', before, after: undefined, source: before.id };
}

/** The same JSON, however it is laid out. */
function isSameDocument(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [findJson(a), findJson(b)];
  return left !== undefined && right !== undefined && isDeepStrictEqual(left, right);
}
