/** Renders tables with aligned columns. Colour codes do not count as width. */
import { stripVTControlCharacters } from 'node:util';

/** Blanks between two columns. */
const gap = 2;

/** Renders rows as columns of equal width, with two spaces between them. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    }
  }
  const renderRow = (row: readonly string[]) =>
    row
      .map((cell, column) => toCell(cell) + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join(' '.repeat(gap));
  return rows.map((row) => renderRow(row).trimEnd()).join('\n');
}

/** A cell stays on its line. */
function toCell(cell: string): string {
  return cell.replaceAll(/[\n\t]/g, '�');
}

/** How a table is made to fit. */
export interface FitOptions {
  readonly maxWidth: number;
  /** Columns that may be shortened, in groups: the second group only if the first does not suffice. */
  readonly groups: readonly (readonly number[])[];
}

/**
 * Shortens cells, of the widest columns first, until a row fits. A shortened cell ends with …. No column becomes
 * narrower than its title, which is the first row. Only columns without colours may be shortened.
 */
export function fitRows(
  rows: readonly (readonly string[])[],
  { maxWidth, groups }: FitOptions,
): readonly (readonly string[])[] {
  const [head = []] = rows;
  const widths = head.map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  let surplus = widths.reduce((sum, width) => sum + width + gap, -gap) - maxWidth;
  for (const group of groups) {
    const mayShrink = (column: number) => (widths[column] ?? 0) > widthOf(head[column] ?? '');
    let candidates = group.filter(mayShrink);
    while (surplus > 0 && candidates.length > 0) {
      const [widest = 0] = candidates.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
      widths[widest] = (widths[widest] ?? 0) - 1;
      surplus -= 1;
      candidates = candidates.filter(mayShrink);
    }
  }
  return rows.map((row) => row.map((cell, column) => shorten(cell, widths[column] ?? 0)));
}

function shorten(cell: string, width: number): string {
  return widthOf(cell) <= width ? cell : `${cell.slice(0, Math.max(0, width - 1))}…`;
}

/** Replaces control characters of stored text, which could control the terminal. */
export function toPlain(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

/** Replaces line breaks and tabs as well, for stored text that stands inside a line. */
export function toOneLine(text: string): string {
  return toPlain(text).replaceAll(/[\n\t]/g, '�');
}

/** Formats a time as ISO 8601 in UTC, to the minute. */
export function toMinute(time: string | undefined): string {
  return time === undefined ? '' : `${time.slice(0, 16)}Z`;
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
