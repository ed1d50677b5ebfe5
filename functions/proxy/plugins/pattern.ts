/**
 * Regular expressions that operators write and clients' input runs through. RE2's kind takes time in proportion to the
 * input, whatever the expression; it knows no look-around and no back-references, and a document with one is refused.
 */
import { RE2JS } from 're2js';
import * as v from 'valibot';

export interface PatternOptions {
  /** @default false */
  readonly isCaseInsensitive?: boolean;
  /** The expression has to reach the end of the text. @default false */
  readonly isToEnd?: boolean;
}

/** An expression that can be compiled. */
export const pattern = v.pipe(
  v.string(),
  v.minLength(1, 'a regular expression of 1 to 4096 characters'),
  v.maxLength(4096, 'a regular expression of 1 to 4096 characters'),
  v.check(
    (text) => findFault(text) === undefined,
    ({ input }) => findFault(String(input)) ?? '',
  ),
);

/** @returns whether one of the expressions is found somewhere in the text */
export function compilePatterns(
  expressions: readonly string[],
  { isCaseInsensitive = false, isToEnd = false }: PatternOptions = {},
): (text: string) => boolean {
  const flags = isCaseInsensitive ? RE2JS.CASE_INSENSITIVE : 0;
  const compiled = expressions.map((text) => RE2JS.compile(isToEnd ? toEnd(text) : text, flags));
  return (text) => compiled.some((expression) => expression.test(text));
}

function toEnd(text: string): string {
  return `(?:${text})\\z`;
}

function findFault(text: string): string | undefined {
  try {
    RE2JS.compile(text);
    // What stands behind it would belong to a quotation (`\\Q`) that it does not end.
    RE2JS.compile(toEnd(text));
    return undefined;
  } catch (error) {
    const [, reason = 'it cannot be read'] =
      /parsing regexp: (.*)$/s.exec(error instanceof Error ? error.message : '') ?? [];
    return `a regular expression without look-around and back-references (RE2 syntax; ${reason})`;
  }
}
