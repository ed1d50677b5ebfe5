/** Names that a document has and the proxy does not know. */
import type { DocumentIssue } from '../../functions/proxy/documents/document-error.ts';
import { pointerTo } from '../../functions/proxy/documents/document-error.ts';
import { readPointer } from '../../functions/proxy/documents/pointer.ts';

/** @returns the names that are known in place of an unknown one; none for another issue */
export function readKnownNames({ found, expected }: DocumentIssue): readonly string[] {
  if (found !== 'an unknown field' && found !== 'an unknown plugin') return [];
  const [, list] = /(?:known are|one of) (.+)$/.exec(expected) ?? [];
  return list?.split(', ') ?? [];
}

/**
 * The proxy names the first unknown field of each object, which is enough to refuse it. Here the others follow, so that
 * one run names every mistake.
 */
export function withAllUnknownFields(
  document: unknown,
  issues: readonly DocumentIssue[],
): readonly DocumentIssue[] {
  const named = new Set(issues.map(({ pointer }) => pointer));
  const others = issues.flatMap((issue) => {
    const known = readKnownNames(issue);
    if (issue.found !== 'an unknown field' || known.length === 0) return [];
    const parent = issue.pointer.slice(0, issue.pointer.lastIndexOf('/'));
    const keys = Object.keys(Object(readPointer(document, parent)));
    return keys
      .filter((key) => key !== metaField && !known.includes(key))
      .map((key) => ({ ...issue, pointer: pointerTo(parent, key) }))
      .filter(({ pointer }) => !named.has(pointer));
  });
  return [...issues, ...others];
}

/** Every plugin has it, beside the fields of its own. */
const metaField = '_meta';
