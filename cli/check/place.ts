/** Where in a file an issue is: JSON pointer → line and column. */

import { findNodeAtLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { isTooDeep } from '../../functions/proxy/documents/depth.ts';
import { toKeys } from '../../functions/proxy/documents/pointer.ts';

/** A place in a text. */
export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count. */
  readonly column: number;
}

/** @returns the place of what the pointer names, else of the nearest thing around it; of the syntax error, if any */
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
  // A member is found by its name, which is what a person looks for.
  return current.parent?.type === 'property' ? current.parent.offset : current.offset;
}
