/** A plugin that a route or consumer has from another document, and its faults. Loaded only for documents that name others. */
import { DocumentError, type DocumentIssue } from '../../documents/document-error.ts';
import type { PrepareInherited } from '../prepare.ts';

/** Where a plugin comes from. */
export interface InheritedFrom {
  /** Name of the parameter that has it. */
  readonly parameter: string;
  /** JSON pointer of the field that names it, inside the document of the route or consumer. */
  readonly pointer: string;
}

/** @returns the issue as one of the document that names the other. Its own text is right, so it lacks something */
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

/** A fault in an inherited plugin counts as something missing here. The warnings about it belong to the other document. */
export function createPrepareInherited(from: InheritedFrom): PrepareInherited {
  const toMissing = (issues: readonly DocumentIssue[]) => ({
    missing: issues.map((issue) => toInheritedIssue(issue, from)),
  });
  return (services, prepare) => {
    const { parameter: document } = from;
    const { countInherited: countSteps } = services;
    try {
      const outcome = prepare({ ...services, document, warn: () => {}, countSteps });
      return 'made' in outcome ? outcome : toMissing(outcome.missing);
    } catch (error) {
      if (error instanceof DocumentError) return toMissing(error.issues);
      throw error;
    }
  };
}
