/** The vocabulary that schemas of documents are written in. Their errors name the place, what was found and what was expected. */
import * as v from 'valibot';
import { httpMethods } from '../http/methods.ts';
import {
  DocumentError,
  type DocumentIssue,
  describeFound,
  type ParseContext,
  pointerTo,
} from './document-error.ts';

/** How many issues of one schema, and of one document, are named: a person does not correct more at once. */
export const maxIssues = 20;

/**
 * @returns the typed value, defaults filled in
 * @throws DocumentError
 */
export function parseWith<TSchema extends v.GenericSchema>(
  schema: TSchema,
  input: unknown,
  context: ParseContext,
): v.InferOutput<TSchema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new DocumentError(
    result.issues.slice(0, maxIssues).map((issue) => toDocumentIssue(issue, context)),
  );
}

/** An object that refuses keys it does not know, naming those that it takes. */
export function strictObject<const TEntries extends v.ObjectEntries>(entries: TEntries) {
  const known = Object.keys(entries)
    .filter((key) => !isRefused(entries[key]))
    .join(', ');
  return v.pipe(
    plainObject,
    v.strictObject(entries, (issue) =>
      issue.expected === 'never'
        ? `no such field; known are ${known}`
        : 'this field, which is required',
    ),
  );
}

/** Whether a field is known only for the sentence that refuses it. */
function isRefused(entry: v.ObjectEntries[string] | undefined): boolean {
  return entry?.type === 'optional' && 'wrapped' in entry && entry.wrapped.type === 'never';
}

/** An object with any keys and values of one kind. */
export function recordOf<TValue extends v.GenericSchema>(value: TValue) {
  return v.pipe(plainObject, v.record(v.string(), value));
}

/** valibot's objects take arrays as well. */
const plainObject = v.custom<Record<string, unknown>>(
  (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
  'an object',
);

/**
 * JSON may have keys that JavaScript's objects inherit; valibot passes over them, and a field that is passed over is
 * a field that was asked for and not obeyed.
 *
 * @throws DocumentError
 */
export function refuseInheritedKeys(value: unknown, pointer: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const at = pointerTo(pointer, key);
    if (!Array.isArray(value) && key in Object.prototype) {
      throw new DocumentError([
        { pointer: at, found: 'an unknown field', expected: 'no such field' },
      ]);
    }
    refuseInheritedKeys(item, at);
  }
}

function toDocumentIssue(issue: v.BaseIssue<unknown>, context: ParseContext): DocumentIssue {
  const keys = (issue.path ?? []).map((item) => item.key as string | number);
  const pointer = keys.reduce<string>(pointerTo, context.pointer);
  const written = keys.reduce<unknown>(readKey, context.written);
  const isUnknownField = issue.type === 'strict_object' && issue.expected === 'never';
  return {
    pointer,
    found: isUnknownField ? 'an unknown field' : describeFound(written, pointer, issue.type),
    expected: issue.message.startsWith('Invalid ')
      ? (typeNames[issue.expected ?? ''] ?? issue.expected ?? 'another value')
      : issue.message,
  };
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  Array: 'an array',
  Object: 'an object',
  '(string | number)': 'a string or a number',
};

function readKey(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/** A method that a document may name. */
export const method = v.picklist(
  httpMethods,
  `one of ${httpMethods.join(', ')} (CONNECT asks for a tunnel, which is never forwarded)`,
);

/** By ranges: to compile `\P{Cc}` would cost each cold start 0.2 ms. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const noControls = /^[^\x00-\x1f\x7f-\x9f]*$/;
/** A header value, or what becomes a part of one. */
export const headerValue = v.pipe(
  v.string(),
  v.minLength(1, 'a string that is not empty'),
  v.regex(noControls, 'a string without control characters'),
);
