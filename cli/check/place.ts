/** Converts a JSON pointer to a line and a column of a text. */

import { findNodeAtLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { isTooDeep } from '../../functions/proxy/documents/depth.ts';
import { toKeys } from '../../functions/proxy/documents/pointer.ts';

/** A place in a text. */
export interface Place {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units as editors count. */
  readonly column: number;
}

/**
 * @returns the place of the value that the pointer names, or of the closest enclosing value; for invalid JSON, the
 * place of the syntax error
 */
export function findPlace(text: string, pointer: string): Place {
  if (isTooDeep(text)) return { line: 1, column: 1 };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const offset = errors[0]?.offset ?? (root ? findOffset(root, pointer) : 0);
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function findOffset(root: Node, pointer: string): number {
  let current = root;
  for (const key of toKeys(pointer)) {
    const next = findNodeAtLocation(current, [current.type === 'array' ? Number(key) : key]);
    if (next === undefined) break;
    current = next;
  }
  // Point to a member's name, because readers look for it.
  return current.parent?.type === 'property' ? current.parent.offset : current.offset;
}
