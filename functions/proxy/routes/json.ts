/** JSON whose errors say where. V8's own messages quote the text around the place, and documents may hold secrets. */
import type { ParseError } from 'jsonc-parser';
import { DocumentError, type DocumentIssue } from './document-error.ts';

/** @throws DocumentError with line and column */
export async function parseJson(text: string): Promise<unknown> {
  const failure = { hasFailed: true };
  const value: unknown = readJson(text, failure);
  if (value !== failure) return value;
  throw new DocumentError([await findSyntaxError(text)]);
}

function readJson<T>(text: string, otherwise: T): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

async function findSyntaxError(text: string): Promise<DocumentIssue> {
  if (text.trim() === '')
    return { pointer: '', found: 'an empty value', expected: 'a JSON object' };
  const { parse, printParseErrorCode } = await import('jsonc-parser');
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  if (!first) return { pointer: '', found: 'text that is not JSON', expected: 'JSON' };
  const before = text.slice(0, first.offset).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  const reason = printParseErrorCode(first.error).replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return {
    pointer: '',
    found: `text that is not JSON from ${place} on (${reason.toLowerCase()})`,
    expected: 'JSON',
  };
}
