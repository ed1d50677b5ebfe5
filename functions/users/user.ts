/** A user, and the fields that a client may set. */
import * as v from 'valibot';
import { type FieldError, Problem } from './problem.ts';

/** The fields that clients set. */
export interface UserFields {
  readonly name: string;
  readonly email: string;
}

/** A user with the fields that the API sets. */
export interface User extends UserFields {
  readonly userId: string;
  /** 1 at first, increased by each change; the number in the ETag. */
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

const name = v.pipe(
  v.string('expected a string'),
  v.trim(),
  v.nonEmpty('expected at least one character'),
  v.maxLength(100, 'expected at most 100 characters'),
  v.regex(/^\P{Cc}*$/u, 'expected no control characters'),
);

const email = v.pipe(
  v.string('expected a string'),
  v.trim(),
  v.maxLength(254, 'expected at most 254 characters'),
  v.email('expected an e-mail address, such as ada@example.com'),
);

const fields = v.object({ name, email });
const changes = v.partial(fields);

/**
 * Parses a complete user.
 * @throws Problem `INVALID_USER` that names every wrong field
 */
export function parseUserFields(input: unknown): UserFields {
  return parse(fields, input);
}

/**
 * Parses some fields of a user, at least one.
 * @throws Problem `INVALID_USER`
 */
export function parseUserChanges(input: unknown): Partial<UserFields> {
  const { name: newName, email: newEmail } = parse(changes, input);
  const parsed = {
    ...(newName !== undefined && { name: newName }),
    ...(newEmail !== undefined && { email: newEmail }),
  };
  if (Object.keys(parsed).length > 0) return parsed;
  throw invalid([{ pointer: '#', detail: 'expected name, email or both' }]);
}

function parse<TSchema extends typeof fields | typeof changes>(
  schema: TSchema,
  input: unknown,
): v.InferOutput<TSchema> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalid([{ pointer: '#', detail: 'expected an object' }]);
  }
  // The schema does not check this, because valibot accepts names that every object inherits, such as `constructor`.
  const unknown = Object.keys(input)
    .filter((key) => !Object.hasOwn(schema.entries, key))
    .map((key) => ({ pointer: toPointer(key), detail: 'no such field; known are name, email' }));
  const result = v.safeParse(schema, input);
  if (result.success && unknown.length === 0) return result.output;
  throw invalid([...(result.issues ?? []).map(toFieldError), ...unknown]);
}

function toFieldError(issue: v.BaseIssue<unknown>): FieldError {
  const key = issue.path?.[0]?.key;
  const isMissing = issue.received === 'undefined';
  return {
    pointer: toPointer(String(key)),
    detail: isMissing ? 'this field is required' : issue.message,
  };
}

/** A JSON pointer (RFC 6901) as a URI fragment, the form of RFC 9457's own example. */
function toPointer(key: string): string {
  return `#/${encodeURIComponent(key.slice(0, 100).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}

function invalid(errors: readonly FieldError[]): Problem {
  return new Problem('INVALID_USER', { errors: errors.slice(0, 10) });
}
