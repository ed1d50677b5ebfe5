/** Two documents, compared line by line as a person would lay them out. */
import { structuredPatch } from 'diff';
import { findJson } from '../json.ts';
import { mask, maskSecrets } from '../mask.ts';
import type { Paint } from '../output.ts';

export interface DiffOptions {
  /** Secret values are shown. */
  readonly reveal: boolean;
  readonly isConsumer: boolean;
  readonly paint: Paint;
}

/** @returns lines with `+`, `-` or a blank in front; '' when nothing differs */
export function renderDiff(
  before: string | undefined,
  after: string | undefined,
  options: DiffOptions,
): string {
  const [old, next] = [toLines(before, options), toLines(after, options)];
  const { hunks } = structuredPatch('', '', old, next, '', '', { context: 3 });
  const blocks = hunks.map(({ lines }) =>
    lines
      .filter((line) => !line.startsWith('\\'))
      .map((line) => paintLine(line, options.paint))
      .join('\n'),
  );
  if (blocks.length > 0) return blocks.join(`\n${options.paint('dim', '  ⋮')}\n`);
  // What differs is hidden.
  return before === after ? '' : `  (a masked value differs; --reveal shows it)`;
}

function toLines(text: string | undefined, options: DiffOptions): string {
  return text === undefined ? '' : `${layOut(text, options)}\n`;
}

/** Two blanks of indentation; what is no JSON stays as it is. */
export function layOut(
  text: string,
  { reveal, isConsumer }: Pick<DiffOptions, 'reveal' | 'isConsumer'>,
): string {
  const found = findJson(text);
  if (!found) return reveal || !isConsumer ? text : mask;
  const { value } = found;
  return JSON.stringify(reveal ? value : maskSecrets(value, { isConsumer }), null, 2);
}

function paintLine(line: string, paint: Paint): string {
  const spaced = `${line[0] ?? ' '} ${line.slice(1)}`;
  if (line.startsWith('+')) return paint('green', spaced);
  return line.startsWith('-') ? paint('red', spaced) : spaced;
}
