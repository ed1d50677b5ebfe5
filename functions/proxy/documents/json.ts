/** JSON whose errors say where. V8's own messages quote the text around the place, and documents may hold secrets. */
import type { ParseError } from 'jsonc-parser';
import { isTooDeep, maxLevels } from './depth.ts';
import { DocumentError, type DocumentIssue } from './document-error.ts';
import { findRepeatedKey } from './repeated-key.ts';

/** @throws DocumentError with line and column; also for an object that has a field twice, and for more levels than anyone needs */
export async function parseJson(text: string): Promise<unknown> {
  // First: what looks for the place of an error goes down level by level.
  if (isTooDeep(text)) {
    const found = `more than ${maxLevels} levels of arrays and objects`;
    throw new DocumentError([{ pointer: '', found, expected: `at most ${maxLevels}` }]);
  }
  const failure = { hasFailed: true };
  const value: unknown = readJson(text, failure);
  if (value === failure) throw new DocumentError([await findSyntaxError(text)]);
  const repeated = findRepeatedKey(text);
  if (!repeated) return value;
  const { pointer, offset } = repeated;
  const found = `a field that its object has already, at ${toPlace(text, offset)}`;
  throw new DocumentError([{ pointer, found, expected: 'each field once' }]);
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
  const place = toPlace(text, first.offset);
  const reason = printParseErrorCode(first.error).replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return {
    pointer: '',
    found: `text that is not JSON from ${place} on (${reason.toLowerCase()})`,
    expected: 'JSON',
  };
}

function toPlace(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
