/** Renders tables with aligned columns. Colour codes do not count as width. */
import { stripVTControlCharacters } from 'node:util';

/** Renders rows as columns of equal width, with two spaces between them. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    }
  }
  const renderRow = (row: readonly string[]) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  ');
  return rows.map((row) => renderRow(row).trimEnd()).join('\n');
}

/** Replaces control characters of stored text, which could control the terminal. */
export function toPlain(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

/** Formats a time as ISO 8601 in UTC, to the minute. */
export function toMinute(time: string | undefined): string {
  return time === undefined ? '' : `${time.slice(0, 16)}Z`;
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
