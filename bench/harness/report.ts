/** Formats rows as the printed table and as the table of docs/benchmarks.md. */
import type { Row, Unit, Verdict } from './row.ts';
import type { Spread } from './statistics.ts';

const columns = ['figure', 'measured', 'p25–p75', 'baseline', 'ratio', 'budget'];

/** @returns lines padded into columns */
export function toTextTable(rows: readonly Row[]): string {
  const cells = [columns, ...rows.map(toCells)];
  const widths = columns.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

export function toMarkdownTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| ${toCells(row).join(' | ')} |`);
  return [`| ${columns.join(' | ')} |`, '|---|---:|---:|---|---:|---|', ...lines].join('\n');
}

/** @returns `met (…)` or `missed by … %` */
export function describeVerdict({ budget, limit, value, isMet }: Verdict): string {
  const share = Math.round((value / limit) * 100);
  return isMet
    ? `${budget}: met (${Math.max(0, share)} % of it)`
    : `${budget}: **missed by ${share - 100} %**`;
}

function toCells({ figure, what, unit, measured, baseline, ratio, verdict }: Row): string[] {
  return [
    `${figure}: ${what}`,
    toText(measured.median, unit),
    toRange(measured, unit),
    baseline ? `${toText(baseline.measured.median, unit)} ${baseline.name}` : '',
    ratio === undefined ? '' : `${toDigits(ratio)} ×`,
    verdict ? describeVerdict(verdict) : '',
  ];
}

function toRange({ p25, p75, rounds }: Spread, unit: Unit): string {
  return rounds === 1 ? '' : `${toText(p25, unit).split(' ')[0]}–${toText(p75, unit)}`;
}

/** A value with its unit. */
export function toText(value: number, unit: Unit): string {
  if (unit === 'bytes') return `${toDigits(value / 1024)} KB`;
  if (unit === '$') return `$${toDigits(value)}`;
  return `${toDigits(value)} ${unit}`;
}

/** Three digits are the precision of these measurements. */
export function toDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : 2);
}
