/** "Did you mean": the known name that a mistyped one is nearest to. */
import type { DocumentIssue } from '../../functions/proxy/documents/document-error.ts';
import { toKeys } from '../../functions/proxy/documents/pointer.ts';
import { countMistakes } from '../../functions/proxy/routes/meant-plugin.ts';

const maxMistakes = 2;

/** @returns the field or plugin that an unknown one was probably meant to be, or undefined */
export function findSuggestion({ pointer, found, expected }: DocumentIssue): string | undefined {
  if (found !== 'an unknown field' && found !== 'an unknown plugin') return undefined;
  const written = toKeys(pointer).at(-1) ?? '';
  const [, list = ''] = /(?:known are|one of) (.+)$/.exec(expected) ?? [];
  return findNearest(written, list.split(', '));
}

/** @returns the name that differs in at most two characters, and in at most half of them; the nearest one */
export function findNearest(written: string, known: readonly string[]): string | undefined {
  const plain = toPlainName(written);
  const [nearest] = known
    .map((name) => ({ name, mistakes: countMistakes(plain, toPlainName(name)) }))
    .filter(({ mistakes }) => mistakes <= maxMistakes && mistakes * 2 <= plain.length)
    .sort((a, b) => a.mistakes - b.mistakes);
  return nearest?.name;
}

function toPlainName(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}
