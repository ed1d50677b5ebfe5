/**
 * Expressions of operators whose groups are used again: what they found, and where. RE2JS finds groups in a time that grows
 * with the expression times the text, so that a product of the two bounds the work.
 */
import { RE2JS } from 're2js';
import { keepCompiled } from './kept-compiled.ts';
import { maxTextCharacters } from './pattern.ts';
import { estimateProgramSize } from './pattern-size.ts';

/** What an expression has found in a text. */
export interface Found {
  readonly start: number;
  readonly end: number;
  /** The whole find first, then its groups; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** An expression with groups, compiled. */
export interface GroupPattern {
  readonly groupCount: number;
  /** Instructions of its program, at most. */
  readonly size: number;
  /** @returns undefined where it is not found. The caller bounds `size` times the length of the text */
  find(text: string): Found | undefined;
  /** @returns a function that gives one find after the other, and undefined behind the last */
  findEach(text: string): () => Found | undefined;
}

/** Instructions times characters of one search in a path: 20 ms of CPU at most. */
const maxPathWork = 100_000;
/** Instructions of an expression for paths, so that it can be looked for in an ordinary one. */
export const maxPathSize = 250;

/** @param flags of RE2JS. @default none. @throws Error for what is not RE2 syntax, which `patterns` has checked */
export function compileGroups(expression: string, flags = 0): GroupPattern {
  const compiled = keepCompiled(['groups', flags, expression], () =>
    RE2JS.compile(expression, flags),
  );
  const groupCount = compiled.groupCount();
  const findEach = (text: string) => {
    const matcher = compiled.matcher(text);
    return () => {
      if (!matcher.find()) return undefined;
      const toGroup = (_: unknown, index: number) => matcher.group(index) ?? undefined;
      const groups = Array.from({ length: groupCount + 1 }, toGroup);
      return { start: matcher.start(), end: matcher.end(), groups };
    };
  };
  return {
    groupCount,
    size: estimateProgramSize(expression),
    findEach,
    find: (text) => findEach(text)(),
  };
}

/** @returns whether a path is too long to look for the expression in it */
export function isTooLongFor({ size }: GroupPattern, path: string): boolean {
  return path.length > maxTextCharacters || size * path.length > maxPathWork;
}
