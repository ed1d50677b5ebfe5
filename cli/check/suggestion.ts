/** "Did you mean": the known names that a mistyped one is nearest to. */
import type { DocumentIssue } from '../../functions/proxy/documents/document-error.ts';
import { toKeys } from '../../functions/proxy/documents/pointer.ts';
import { countMistakes } from '../../functions/proxy/routes/meant-plugin.ts';
import { readKnownNames } from './unknown-fields.ts';

const maxMistakes = 2;
/** Longer texts are no mistyped names, and would take long to compare. */
const maxLength = 60;

/** @returns the fields or plugins that an unknown one was probably meant to be; none for another issue */
export function findSuggestions(issue: DocumentIssue): readonly string[] {
  const written = toKeys(issue.pointer).at(-1) ?? '';
  return findAllNearest(written, readKnownNames(issue));
}

/** @returns the name that is nearest, or the first of several */
export function findNearest(written: string, known: readonly string[]): string | undefined {
  return findAllNearest(written, known)[0];
}

/** The names that differ in at most two characters, and in at most half of them: those with the fewest differences. */
function findAllNearest(written: string, known: readonly string[]): readonly string[] {
  const plain = toPlainName(written);
  if (plain.length > maxLength) return [];
  const near = known
    .map((name) => ({ name, mistakes: countTypingMistakes(plain, toPlainName(name)) }))
    .filter(({ mistakes }) => mistakes <= maxMistakes && mistakes * 2 <= plain.length);
  const fewest = Math.min(...near.map(({ mistakes }) => mistakes));
  return near.flatMap(({ name, mistakes }) => (mistakes === fewest ? [name] : []));
}

/** Two neighbours in the wrong order are one mistake: `ima` for `iam`. */
function countTypingMistakes(written: string, name: string): number {
  const swapped = Array.from({ length: written.length - 1 }, (_, index) => {
    const [first = '', second = ''] = written.slice(index, index + 2);
    return `${written.slice(0, index)}${second}${first}${written.slice(index + 2)}`;
  });
  const counts = swapped.map((text) => 1 + countMistakes(text, name));
  return Math.min(countMistakes(written, name), ...counts);
}

function toPlainName(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}
