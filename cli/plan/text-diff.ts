/** Compares two documents line by line after indenting them. */
import { structuredPatch } from 'diff';
import { findChanges } from '../documents/changes.ts';
import { findJson, toJson } from '../terminal/json.ts';
import { mask, maskSecrets } from '../terminal/mask.ts';
import type { Paint } from '../terminal/output.ts';
import { toPlain } from '../terminal/table.ts';

/** How a difference is shown. */
export interface DiffOptions {
  /** Whether secret values are shown. */
  readonly reveal: boolean;
  readonly isConsumer: boolean;
  readonly paint: Paint;
}

/** @returns lines with `+`, `-` or a blank in front; '' if nothing differs */
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
  const visible = blocks.length > 0 ? [blocks.join(`\n${options.paint('dim', '  ⋮')}\n`)] : [];
  return [...visible, ...findMaskedChanges(before, after, { old, next })].join('\n');
}

/** Finds differences between values that are masked on both sides. */
function findMaskedChanges(
  before: string | undefined,
  after: string | undefined,
  shown: { readonly old: string; readonly next: string },
): string[] {
  if (before === undefined || after === undefined) return [];
  const visible = new Set(findChanges(shown.old, shown.next));
  const hidden = findChanges(before, after).filter((change) => !visible.has(change));
  return hidden.map(
    (change) => `~ ${toPlain(change.slice(1))}: a masked value differs; --reveal shows it`,
  );
}

function toLines(text: string | undefined, options: DiffOptions): string {
  return text === undefined ? '' : `${layOut(text, options)}\n`;
}

/** Indents JSON by two blanks. A text that is not JSON stays unchanged, and is hidden if it may contain a secret. */
export function layOut(
  text: string,
  { reveal, isConsumer }: Pick<DiffOptions, 'reveal' | 'isConsumer'>,
): string {
  const found = findJson(text);
  if (!found) return reveal || !(isConsumer || isParsed(text)) ? toPlain(text) : mask;
  const { value } = found;
  return toJson(reveal ? value : maskSecrets(value, { isConsumer }));
}

/** Parses a text with a repeated field too, although it is not a valid document, to mask the secrets in it. */
function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function paintLine(line: string, paint: Paint): string {
  const spaced = `${line[0] ?? ' '} ${line.slice(1)}`;
  if (line.startsWith('+')) return paint('green', spaced);
  return line.startsWith('-') ? paint('red', spaced) : spaced;
}
