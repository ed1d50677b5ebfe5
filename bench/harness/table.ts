/** Reads the table of docs/benchmarks.md, of which the chart is drawn. */

/** A line of the table, as it is printed. */
export interface TableLine {
  /** `sign: 1 KB, CPU` */
  readonly name: string;
  /** `22.3 µs` */
  readonly measured: string;
  /** Undefined if the line has none. */
  readonly baseline: { readonly name: string; readonly measured: string } | undefined;
}

const value = String.raw`\$?[\d.]+(?: (?:KB|MB|MB\/s|ns|µs|ms|\/s))?`;
const line = new RegExp(
  `^\\| ([a-z]+: [^|]+?) \\| (${value}) \\|[^|]*\\| (?:(${value}) ([^|]+?) )? *\\|`,
  'gm',
);

/** @param page text of docs/benchmarks.md, or a table alone */
export function readTable(page: string): readonly TableLine[] {
  return [...page.matchAll(line)].map(([, name = '', measured = '', beside, baseline]) => ({
    name,
    measured,
    baseline: beside && baseline ? { name: baseline, measured: beside } : undefined,
  }));
}
