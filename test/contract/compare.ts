/** What a change does to the contract, and whether CHANGELOG.md says so. */

/** Lines of the contract that differ. */
export interface Difference {
  /** New promises, which `npm run contract` adds to the file. */
  readonly added: readonly string[];
  /** Promises that are broken, of which "Unreleased" of CHANGELOG.md says nothing. */
  readonly unannounced: readonly string[];
}

/** A promise: `area name = value`. */
interface Promised {
  readonly path: string;
  readonly value: string;
}

/**
 * @param promised lines of the file: the last release, and what was added since
 * @param kept lines of the code as it is now
 * @param changelog text of CHANGELOG.md
 */
export function compare(
  promised: readonly string[],
  kept: readonly string[],
  changelog: string,
): Difference {
  const [before, now] = [new Set(promised), new Set(kept)];
  const added = kept.filter((line) => !before.has(line));
  const gone = promised.filter((line) => !now.has(line) && !isRestriction(line));
  const paths = new Set(promised.map((line) => parse(line).path));
  const stricter = added.filter(
    (line) => isRestriction(line) && paths.has(parse(line).path) && !isLooser(line, promised),
  );
  const breaking = [...gone, ...stricter];
  const lines = toBreakingLines(changelog);
  return { added, unannounced: breaking.filter((line) => !lines.some(names(toName(line)))) };
}

function parse(line: string): Promised {
  const [path = '', ...value] = line.split(' = ');
  return { path, value: value.join(' = ') };
}

/** What a user has to observe. Losing one breaks nothing; a new one may. */
function isRestriction(line: string): boolean {
  return /^(requires|min(imum|Items|Length)|max(imum|Items|Length)|exclusiveM\w+) /.test(
    parse(line).value,
  );
}

/** Fewer things are required than before. */
function isLooser(line: string, promised: readonly string[]): boolean {
  const { path, value } = parse(line);
  const wanted = toRequired(value);
  return promised.some((other) => {
    const before = parse(other);
    const had = new Set(toRequired(before.value));
    return before.path === path && wanted.length > 0 && wanted.every((name) => had.has(name));
  });
}

function toRequired(value: string): readonly string[] {
  return /^requires (.+)$/.exec(value)?.[1]?.split(', ') ?? [];
}

/** The last part of a path: `memorySize`, `--yes`, `NO_ROUTE`, or a whole message of the log. */
export function toName(line: string): string {
  const path = parse(line).path.replace(/(\[\]|\.\*)+$/, '');
  return /"([^"]+)"$/.exec(path)?.[1] ?? /[^\s.]+$/.exec(path)?.[0] ?? path;
}

/** The items of "Unreleased" that say that something is not what it was. */
function toBreakingLines(changelog: string): readonly string[] {
  const [, section = ''] = /^## Unreleased\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog) ?? [];
  return section
    .split(/^- /m)
    .map((item) => item.replace(/\s+/g, ' '))
    .filter((item) =>
      /\b(removed|gone|renamed|replaced|changed|no longer|instead of|until now)\b/i.test(item),
    );
}

/** In code, as a word of its own. */
function names(name: string): (item: string) => boolean {
  const word = new RegExp(`(?<![\\w-])${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w-])`);
  return (item) => [...item.matchAll(/`[^`]+`/g)].some(([code]) => word.test(code));
}
