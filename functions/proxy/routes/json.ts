/** Where a text stops being JSON. V8's own messages quote the text around the place, and documents may hold secrets. */
import type { ParseError } from 'jsonc-parser';
import type { DocumentIssue } from './document-error.ts';

/** @param text what `JSON.parse` refused */
export async function findSyntaxError(text: string): Promise<DocumentIssue> {
  if (text.trim() === '') return { pointer: '', found: 'an empty value', expected: 'a JSON object' };
  const { parse, printParseErrorCode } = await import('jsonc-parser');
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  if (!first) return { pointer: '', found: 'text that is not JSON', expected: 'JSON' };
  const before = text.slice(0, first.offset).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  const reason = printParseErrorCode(first.error).replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return { pointer: '', found: `text that is not JSON from ${place} on (${reason})`, expected: 'JSON' };
}
