/**
 * Regular expressions that operators write and that clients' input is matched against. They have RE2's syntax, without
 * look-around and back-references; a document with one is refused. A search has a bound on its steps.
 */
import { RE2JS, RE2Set } from 're2js';
import * as v from 'valibot';
import { listOf } from './attributes.ts';
import { documentError } from './document-error.ts';
import { keepCompiled, rememberTexts } from './kept-compiled.ts';
import { compileProgram } from './pattern-program.ts';
import { createSearch, type Finding } from './pattern-search.ts';
import { estimateProgramSize } from './pattern-size.ts';

export type { Finding };

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
/**
 * Steps for one list, in all readings of a request: about 8 ms of CPU. Fifty rules against attacks take some 14 steps a character of
 * an ordinary text, and 30 where the text is full of quotes. A text that a client writes for counted repetitions takes thousands.
 */
const maxSteps = 1_000_000;
/** What the log says of a request whose texts are not searched to their end. */
export const costlyReason = `a text of more than ${maxTextCharacters} characters, or a search of more than ${maxSteps} steps`;

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

/** @throws DocumentError for an expression that cannot be compiled, or is too large */
export function assertPattern(expression: string, pointer: string): void {
  const { success, issues } = v.safeParse(patterns, [expression]);
  if (!success) throw documentError(pointer, expression, issues[0].message);
}

/** @returns the instructions of all their programs, at most */
export function toTotalSize(expressions: readonly string[]): number {
  return expressions.reduce((sum, text) => sum + estimateProgramSize(text), 0);
}

const isAscii = /^[\0-\x7f]*$/;
/** A search looks such characters up in tables of ranges. */
const stepsBeyondAscii = 8;

/**
 * @param size of the expressions, as `toTotalSize` says it
 * @returns the steps of one search in the text, at most
 */
export function toSearchSteps(size: number, text: string): number {
  return size * text.length * (isAscii.test(text) ? 1 : stepsBeyondAscii);
}

/**
 * @returns whether one of the expressions is found somewhere in one of the texts. `costly`: it takes too many steps to tell,
 *   which depends on the texts alone. Callers refuse such a request.
 */
export function compilePatterns(
  expressions: readonly string[],
  { isCaseInsensitive = false, isToEnd = false }: PatternOptions = {},
): (texts: readonly string[]) => Finding {
  const flags = isCaseInsensitive ? RE2JS.CASE_INSENSITIVE : 0;
  const written = isToEnd ? expressions.map(toEnd) : expressions;
  return keepCompiled(['search', flags, written], () => {
    const search = createSearch(compileProgram(written, flags));
    return (texts: readonly string[]) => search(texts, maxSteps);
  });
}

function toEnd(text: string): string {
  return `(?:${text})\\z`;
}

/** To parse them takes as long as to compile them. */
const findFault = rememberTexts(1000, (text): string | undefined => {
  try {
    const set = new RE2Set();
    set.add(text);
    // What stands behind it would belong to a quotation that it does not end. Parsing takes long, so only then.
    if (text.includes('\\Q')) set.add(toEnd(text));
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const [, reason = 'it cannot be read'] = message.split('parsing regexp: ', 2);
    return `a regular expression without look-around and back-references (RE2 syntax; ${reason})`;
  }
});
