/**
 * Regular expressions that operators write and that clients' input is matched against. RE2 takes time in proportion to the
 * input for every expression. It has no look-around and no back-references; a document with one is refused.
 */
import { RE2JS } from 're2js';
import * as v from 'valibot';
import { listOf } from './attributes.ts';
import { estimateProgramSize } from './pattern-size.ts';

/** How an operator's expression is matched. */
export interface PatternOptions {
  /** @default false */
  readonly isCaseInsensitive?: boolean;
  /** The expression has to reach the end of the text. @default false */
  readonly isToEnd?: boolean;
}

/** Instructions of one program and of a list of them: 10,000 take about half a second to compile. */
const maxProgramSize = 5000;
const maxTotalSize = 10_000;
/** What a plugin's expressions look at; servers commonly refuse longer headers and request lines. */
export const maxTextCharacters = 8192;

/** An expression of a size that can be compiled. */
const sized = v.pipe(
  v.string(),
  v.minLength(1, 'a regular expression of 1 to 4096 characters'),
  v.maxLength(4096, 'a regular expression of 1 to 4096 characters'),
  v.check(
    (text) => estimateProgramSize(text) <= maxProgramSize,
    `a regular expression of at most ${maxProgramSize} steps, its repetitions written out`,
  ),
);

/** A list of expressions that can be compiled, all of them in a moment. None is compiled when there are too many. */
export const patterns = v.pipe(
  listOf(sized),
  v.rawCheck<string[]>(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.issues) return;
    const { value: list } = dataset;
    if (toTotalSize(list) > maxTotalSize) {
      addIssue({
        message: `regular expressions of at most ${maxTotalSize} steps in all, their repetitions written out`,
      });
      return;
    }
    for (const [key, value] of list.entries()) {
      const fault = findFault(value);
      if (fault === undefined) continue;
      addIssue({
        message: fault,
        path: [{ type: 'array', origin: 'value', input: list, key, value }],
      });
    }
  }),
);

/** @returns the instructions of all their programs, at most */
export function toTotalSize(expressions: readonly string[]): number {
  return expressions.reduce((sum, text) => sum + estimateProgramSize(text), 0);
}

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
    // What stands behind it would belong to a quotation that it does not end. Compiling takes long, so only then.
    if (text.includes('\\Q')) RE2JS.compile(toEnd(text));
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const [, reason = 'it cannot be read'] = message.split('parsing regexp: ', 2);
    return `a regular expression without look-around and back-references (RE2 syntax; ${reason})`;
  }
}
