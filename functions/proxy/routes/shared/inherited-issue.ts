/** A fault of a plugin that a route or consumer has from another document. */
import type { DocumentIssue } from '../../documents/document-error.ts';

/** Where a plugin comes from. */
export interface InheritedFrom {
  /** Name of the parameter that has it. */
  readonly parameter: string;
  /** JSON pointer of the field that names it, inside the document of the route or consumer. */
  readonly pointer: string;
}

/** @returns the issue as one of the document that names the other: its own text is right, and something around it is not */
export function toInheritedIssue(
  { pointer, found, expected }: DocumentIssue,
  from: InheritedFrom,
): DocumentIssue {
  const place = `${from.parameter} at ${pointer === '' ? 'the top' : pointer}`;
  return {
    pointer: from.pointer,
    found,
    expected: `${expected} (${place})`,
    isUnfulfilled: true,
  };
}
