import { constraintError, validationError } from './ssm-error.ts';

/** An operation's input: parsed JSON with unknown members. */
export type Input = Readonly<Record<string, unknown>>;

/** Reads a required string. */
export function readName(input: Input, member = 'Name'): string {
  const { [member]: value } = input;
  if (typeof value !== 'string' || value === '') {
    throw constraintError(value ?? null, lowerFirst(member), 'Member must not be null');
  }
  return value;
}

/** Reads an optional string. */
export function readString(input: Input, member: string): string | undefined {
  const { [member]: value } = input;
  if (value !== undefined && value !== null && typeof value !== 'string') {
    throw validationError(`${member} must be a string.`);
  }
  return value ?? undefined;
}

/** Reads a list of one to `max` names. */
export function readNames(input: Input, max: number): readonly string[] {
  const { Names: names } = input;
  if (!Array.isArray(names) || names.length === 0 || names.length > max) {
    const constraint = `Member must have length less than or equal to ${max}`;
    throw constraintError(JSON.stringify(names ?? []), 'names', constraint);
  }
  return names.map(String);
}

/** Reads the size of a page, from 1 to `max`, which is also the default. */
export function readMaxResults(input: Input, max: number): number {
  const { MaxResults: value = max } = input;
  if (typeof value !== 'number' || value < 1 || value > max) {
    const bound = Number(value) < 1 ? 'greater than or equal to 1' : `less than or equal to ${max}`;
    throw constraintError(value, 'maxResults', `Member must have value ${bound}`);
  }
  return value;
}

/** One page of a sorted list, and the token for the next. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** Returns one page. The token is opaque to the caller. `keyOf` must be unique. */
export function paginate<T>(
  items: readonly T[],
  { input, max, keyOf }: { input: Input; max: number; keyOf: (item: T) => string },
): Page<T> {
  const size = readMaxResults(input, max);
  const token = readString(input, 'NextToken');
  const after = token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8');
  // The item of the token may have been deleted. Then the page starts at the next item.
  const found = after === undefined ? -1 : items.findIndex((item) => keyOf(item) === after);
  if (after !== undefined && found === -1) {
    throw validationError('The specified token is not valid.');
  }
  const page = items.slice(found + 1, found + 1 + size);
  const last = page.at(-1);
  const isMore = found + 1 + size < items.length && last !== undefined;
  return {
    items: page,
    ...(isMore ? { nextToken: Buffer.from(keyOf(last)).toString('base64url') } : {}),
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
