/**
 * One fault of a document: where it is, what was found and what was expected. `found` never holds a secret's value.
 */
export interface DocumentIssue {
  /** JSON pointer (RFC 6901) into the parameter's value; `''` is the whole of it. */
  readonly pointer: string;
  readonly found: string;
  readonly expected: string;
  /**
   * The text itself is well-formed, and something around it is missing: a reference, a variable, a table, a host. Without
   * it the text is malformed.
   */
  readonly isUnfulfilled?: true;
}

/** What is wrong with a document; every issue that was seen, the first one first. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly issues: readonly DocumentIssue[];

  constructor(issues: readonly DocumentIssue[], options?: ErrorOptions) {
    super(issues.map(toSentence).join('; '), options);
    this.issues = issues;
  }

  /** Nothing is wrong with the text itself. */
  get isUnfulfilled(): boolean {
    return this.issues.every((issue) => issue.isUnfulfilled);
  }
}

/** Where a value stands in its document, for the pointers and messages of errors. */
export interface ParseContext {
  /** Pointer of `input` inside the document. */
  readonly pointer: string;
  /** The input as it was written, references unresolved: what messages may quote. */
  readonly written: unknown;
}
const secretWords = /key|secret|token|password|authorization|credential|external_id/i;

/** One issue as an error, for what no schema can say. */
export function documentError(pointer: string, found: unknown, expected: string): DocumentError {
  return new DocumentError([{ pointer, found: describeFound(found, pointer), expected }]);
}

/** {@link documentError} for what is missing around a document. */
export function unfulfilledError(pointer: string, found: unknown, expected: string): DocumentError {
  const issue = { pointer, found: describeFound(found, pointer), expected };
  return new DocumentError([{ ...issue, isUnfulfilled: true }]);
}

/** An unresolved reference; it is quoted as it stands, because the reference itself is no secret. */
export function referenceError(
  pointer: string,
  reference: string,
  expected: string,
): DocumentError {
  const issue = { pointer, found: JSON.stringify(reference), expected };
  return new DocumentError([{ ...issue, isUnfulfilled: true }]);
}

/** Appends one token to a JSON pointer. */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** One issue as a clause: where, what was found, what was expected. */
export function toSentence({ pointer, found, expected }: DocumentIssue): string {
  return `at ${pointer === '' ? 'the top' : pointer}: found ${found}, expected ${expected}`;
}

/** A longer string than any name or number may be a secret in the wrong place, so it is not shown. */
const maxQuoted: Readonly<Record<string, number>> = {
  number: 12,
  boolean: 12,
  picklist: 12,
  array: 0,
  custom: 0,
};

/** Quotes plain values; of anything that may be a secret only its kind. */
export function describeFound(value: unknown, pointer: string, expectedType = 'string'): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object') return 'an object';
  if (isSecretAt(pointer)) return `a ${typeof value}`;
  if (typeof value !== 'string') return String(value);
  if (value.length > (maxQuoted[expectedType] ?? Number.POSITIVE_INFINITY)) return 'a string';
  return JSON.stringify(withoutUrlSecrets(value).slice(0, 120));
}

/** Whether the last name of a pointer, array indices aside, is one under which a secret is to be expected, or a header's. */
function isSecretAt(pointer: string): boolean {
  const names = pointer.split('/').filter((part) => !/^\d+$/.test(part));
  const [name = '', object = '', owner = ''] = names.reverse();
  const isHeaders = object.endsWith('headers') || (owner.endsWith('headers') && isAction(object));
  return isHeaders || secretWords.test(name);
}

/** Rewriting plugins may have headers below such a name. */
function isAction(name: string): boolean {
  return name === 'add' || name === 'set';
}

function withoutUrlSecrets(text: string): string {
  const at = text.lastIndexOf('@');
  const shown = at === -1 ? text : `***${text.slice(at)}`;
  const end = shown.search(/[?#]/);
  return end === -1 ? shown : `${shown.slice(0, end + 1)}…`;
}
