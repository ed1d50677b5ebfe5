/** Every regular expression that is written in a folder of TypeScript, and whether its time is bounded. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, parse } from 'acorn';
import { transformSync } from 'esbuild';
import { isSafePattern } from 'redos-detector';

export interface Expression {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

/** Paths to one match that any text may make it try: a few for alternatives that begin alike, and never more with the text. */
const maxPaths = 20;

/** @returns the literals of all files below the folder, and what `RegExp` is called with as `new RegExp(…)` */
export function readExpressions(folder: string): readonly Expression[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const { code } = transformSync(readFileSync(join(folder, file), 'utf8'), { loader: 'ts' });
      const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
      return findExpressions(program).map((found) => ({ file, ...found }));
    });
}

/**
 * @returns false for an expression that some text makes try more and more ways with its length: its time may grow with the
 *   square of the length, or faster. Conservative: a `false` may be wrong, a `true` is not.
 */
export function isLinear({ source, flags }: Pick<Expression, 'source' | 'flags'>): boolean {
  // Without a repetition it looks at a few characters from each place on, however many alternatives there are.
  const syntax = source.replace(/\\./gs, '').replace(/\[[^\]]*\]/g, '');
  if (!/[*+{]/.test(syntax)) return true;
  // A sticky expression is tried at one place, as one with `^` in front is.
  const pattern = flags.includes('y') ? `^(?:${source})` : source;
  const { safe } = isSafePattern(pattern, {
    maxScore: maxPaths,
    caseInsensitive: flags.includes('i'),
    dotAll: flags.includes('s'),
    multiLine: flags.includes('m'),
    unicode: flags.includes('u'),
  });
  return safe;
}

type Syntax = Node & Readonly<Record<string, unknown>>;

function findExpressions(value: unknown): Omit<Expression, 'file'>[] {
  if (Array.isArray(value)) return value.flatMap(findExpressions);
  if (typeof value !== 'object' || value === null) return [];
  const { type, regex, callee, ...parts } = value as Syntax;
  if (type === 'Literal' && regex !== undefined) {
    const { pattern, flags } = regex as { readonly pattern: string; readonly flags: string };
    return [{ source: pattern, flags }];
  }
  const { name } = (callee ?? {}) as { readonly name?: string };
  const made = name === 'RegExp' ? [{ source: 'RegExp(…)', flags: '' }] : [];
  return [...made, ...findExpressions(callee), ...Object.values(parts).flatMap(findExpressions)];
}
