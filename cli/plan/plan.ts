/** Compares wanted documents with stored ones, and makes the list of changes. */
import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '../documents/kinds.ts';
import type { StoredDocument } from '../documents/stored.ts';
import type { Origin } from '../documents/yaml.ts';
import { findJson } from '../terminal/json.ts';

/** What a plan does with a document. */
export type Action = 'add' | 'change' | 'remove' | 'keep';

/** One document of a plan: what is stored, and what will be. */
export interface Change {
  readonly kind: Kind;
  readonly id: string;
  readonly action: Action;
  /** The stored document; undefined for additions. */
  readonly before: StoredDocument | undefined;
  /** The new text; undefined for removals. */
  readonly after: string | undefined;
  /** The source of the text, for messages. */
  readonly source: string;
  /** Where the text was converted from. */
  readonly origin?: Origin | undefined;
}

/** A document that should be stored. */
export interface Wanted {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly origin?: Origin | undefined;
}

/** Compares wanted documents of a kind with stored ones. The result has one change for each id. */
export function toPlan(
  kind: Kind,
  wanted: readonly Wanted[],
  stored: readonly StoredDocument[],
): Change[] {
  const byId = new Map(stored.map((document) => [document.id, document]));
  return wanted.map(({ id, text, source, origin }): Change => {
    const before = byId.get(id);
    const isSame = before !== undefined && isSameDocument(before.value, text);
    const action = before === undefined ? 'add' : isSame ? 'keep' : 'change';
    return { kind, id, action, before, after: text, source, origin };
  });
}

/** @returns the removals of the stored documents that are not wanted */
export function toPruning(
  kind: Kind,
  wanted: readonly Pick<Wanted, 'id'>[],
  stored: readonly StoredDocument[],
): Change[] {
  const ids = new Set(wanted.map(({ id }) => id));
  return stored.filter(({ id }) => !ids.has(id)).map((document) => toRemoval(kind, document));
}

/** The change that removes a document. */
export function toRemoval(kind: Kind, before: StoredDocument): Change {
  return { kind, id: before.id, action: 'remove', before, after: undefined, source: before.id };
}

/** Whether two texts are the same JSON, apart from spaces and line breaks. */
function isSameDocument(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [findJson(a), findJson(b)];
  return left !== undefined && right !== undefined && isDeepStrictEqual(left, right);
}
