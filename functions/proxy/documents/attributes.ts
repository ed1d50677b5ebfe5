/** Kinds of attributes that several plugins have. */
import * as v from 'valibot';
import { token } from '../http/token.ts';

/** A whole number; both ends belong to the range. */
export function integer(minimum: number, maximum: number) {
  const words =
    maximum === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${minimum}`
      : `a whole number from ${minimum} to ${maximum}`;
  return v.pipe(
    v.number(),
    v.integer(words),
    v.minValue(minimum, words),
    v.maxValue(maximum, words),
  );
}

/** What the client of a refused request is told. */
export const message = v.pipe(
  v.string(),
  v.minLength(1, 'a text of 1 to 1024 characters'),
  v.maxLength(1024, 'a text of 1 to 1024 characters'),
);

/** A list that says something. */
export function listOf<TItem extends v.GenericSchema>(item: TItem) {
  return v.pipe(v.array(item), v.minLength(1, 'at least one entry'));
}

/**
 * Each entry stands once in a list.
 *
 * @param what an entry, as messages name it
 * @param toKey what makes an entry the same as another. @default the entry itself
 */
export function distinct<TList extends readonly unknown[]>(
  what: string,
  toKey: (entry: TList[number]) => unknown = (entry) => entry,
): v.CheckAction<TList, string> {
  return v.check(
    (list) => new Set(list.map((entry) => toKey(entry))).size === list.length,
    `each ${what} once`,
  );
}

/** A document has exactly one of two lists: the one of what is let in, or the one of what is not. */
export function eitherOf<TConfig extends object>(
  first: keyof TConfig & string,
  second: keyof TConfig & string,
): v.CheckAction<TConfig, string> {
  return v.check(
    (config) => (config[first] === undefined) !== (config[second] === undefined),
    `either ${first} or ${second}`,
  );
}

/** An attribute of APISIX's that has no meaning here: it is refused, and the sentence says what to write instead. */
export function refused(sentence: string) {
  return v.optional(v.never(sentence));
}

/** Header names are compared in lower case, as requests have them. */
export const headerName = v.pipe(v.string(), v.toLowerCase(), v.regex(token, 'a header name'));
