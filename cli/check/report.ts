/** Reports invalid documents as one error that lists all places. */

import { type Context, toShellWord } from '../context.ts';
import { CliError } from '../terminal/cli-error.ts';
import { toOneLine } from '../terminal/table.ts';
import type { PlacedIssue } from './checker.ts';
import { findSuggestions } from './suggestion.ts';

/** A document with issues. */
export interface InvalidDocument {
  readonly id: string;
  /** Name of the file, or of another source of the text. */
  readonly source: string;
  readonly issues: readonly PlacedIssue[];
}

/** Makes the error that lists the issues of invalid documents, with the exit code `INVALID`. */
export function invalidDocuments(
  context: Context,
  invalid: readonly InvalidDocument[],
  consequence = 'nothing was written',
): CliError {
  const lines = invalid.flatMap(({ source, issues }) =>
    [...issues].sort(byPlace).map((issue) => `  ${renderIssue(source, issue)}`),
  );
  const [first] = invalid;
  const subject =
    invalid.length === 1
      ? `${first?.source} is invalid`
      : `${invalid.length} documents are invalid`;
  return new CliError('INVALID', [`${subject}; ${consequence}.`, ...lines].join('\n'), {
    hint: findHint(
      context,
      invalid.flatMap(({ issues }) => issues),
    ),
    // Nothing else of a document: its text may have secrets.
    details: { documents: invalid.map(({ id, source, issues }) => ({ id, source, issues })) },
  });
}

function byPlace(a: PlacedIssue, b: PlacedIssue): number {
  return a.line - b.line || a.column - b.column;
}

/**
 * Formats an issue: `orders.json:5:7  /plugins/aws-lambda/timeout: found 50, expected …`, or
 * `orders.json:4:5  /plugins/key-auht: found an unknown plugin; did you mean key-auth?`
 */
export function renderIssue(source: string, issue: PlacedIssue): string {
  const { line, column } = issue;
  // Names of a document may hold line breaks, which would forge lines of the CLI's own.
  const [pointer, found, expected] = [issue.pointer, issue.found, issue.expected].map(toOneLine);
  const at = pointer === '' ? 'the document' : pointer;
  const place = `${source}:${line}:${column}  ${at}: found ${found}`;
  // Where the likely name is known, the list of all names only hides it.
  const suggestions = findSuggestions(issue);
  if (suggestions.length > 0) return `${place}; did you mean ${suggestions.join(' or ')}?`;
  const suggestion = issue.meant === undefined ? '' : `; did you mean ${issue.meant}?`;
  return `${place}, expected ${expected}${suggestion}`;
}

/** Finds a hint for issues whose sentence does not say what to do. */
function findHint(context: Context, issues: readonly PlacedIssue[]): string | undefined {
  for (const { found, expected } of issues) {
    const secret = /^"\$secret:\/\/ssm\/([^/][^"]*)"$/i.exec(found)?.[1];
    if (secret !== undefined) {
      return `Set the secret first: ${context.commandLine(`secrets set ${toShellWord(secret)}`)}`;
    }
    const variable = /COUNTERSIGN_[A-Z_]+/.exec(expected)?.[0];
    if (variable !== undefined) {
      return `If the proxy has another ${variable} than this environment, set the same one here and try again.`;
    }
  }
  return undefined;
}
