/** docs/benchmarks.md and its chart agree: each ratio and verdict follows from the figures beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toChart } from '../../bench/harness/chart.ts';
import { readTable } from '../../bench/harness/table.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const page = readFileSync(join(docs, 'benchmarks.md'), 'utf8');
const chart = readFileSync(join(docs, 'benchmarks.svg'), 'utf8');
const table = /<!-- newest table[^>]*-->([\s\S]*?)<!-- end/.exec(page)?.[1] ?? '';
const rows = table
  .split('\n')
  .filter((line) => /^\| [a-z]+: /.test(line))
  .map(toRow);

interface Row {
  readonly figure: string;
  /** With its unit, as printed. */
  readonly measured: string;
  readonly quartiles: string;
  /** Value, unit and name. */
  readonly baseline: string;
  readonly ratio: string;
  readonly budget: string;
}

/** A printed number stands for each value that rounds to it. */
type Range = readonly [min: number, max: number];

function toRow(line: string): Row {
  const [figure = '', measured = '', quartiles = '', baseline = '', ratio = '', budget = ''] = line
    .slice(2, -2)
    .split('|')
    .map((cell) => cell.trim());
  return { figure, measured, quartiles, baseline, ratio, budget };
}

/** The number at the beginning of a cell. */
function toRange(cell: string): Range {
  const [, digits = '', decimals = ''] = /^\$?(-?\d+(?:\.(\d+))?)/.exec(cell) ?? [];
  const half = 0.5 * 10 ** -decimals.length;
  return [Number(digits) - half, Number(digits) + half];
}

function divide([min, max]: Range, [from, to]: Range): Range {
  return [min / to, max / from];
}

const overlap = ([a, b]: Range, [c, d]: Range) => a <= d && c <= b;

/** What a budget is held against: the figure, its ratio, or what it adds to the baseline. */
function toJudged({ measured, baseline, budget }: Row): Range {
  const own = toRange(measured);
  const beside = toRange(baseline);
  const adds = budget.startsWith('adds ');
  if (/≤ [\d.]+ (KB|MB|ms)\b/.test(budget)) {
    return adds ? [own[0] - beside[1], own[1] - beside[0]] : own;
  }
  const [min, max] = divide(own, beside);
  return adds ? [min - 1, max - 1] : [min, max];
}

test('the page has a table, and says where it was measured', () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(table).toMatch(
    /^\s*\d{4}-\d\d-\d\d, Node v\d+\.\d+\.\d+, .+; load before the run [\d.]+\.$/m,
  );
});

test.each(rows.filter(({ ratio }) => ratio !== ''))(
  '$figure: $measured beside $baseline is $ratio',
  ({ measured, baseline, ratio }) => {
    const printed = toRange(ratio);
    const computed = divide(toRange(measured), toRange(baseline));
    expect({ printed, computed, agree: overlap(printed, computed) }).toMatchObject({ agree: true });
  },
);

test.each(rows.filter(({ quartiles }) => quartiles !== ''))(
  '$figure: $measured lies between its quartiles $quartiles',
  ({ measured, quartiles }) => {
    const [min] = toRange(quartiles);
    const [, max] = toRange(quartiles.split('–')[1] ?? '');
    expect(overlap(toRange(measured), [min, max])).toBe(true);
  },
);

test.each(rows.filter(({ budget }) => budget !== ''))('$figure: $budget', (row) => {
  const { budget } = row;
  const [, limit = '1'] = /≤ ([\d.]+) /.exec(budget) ?? [];
  // What takes nothing away from its baseline, or even less than it, is met with 0 %.
  const toShare = (value: number) => Math.max(0, (100 * value) / Number(limit));
  const [min, max] = toJudged(row).map(toShare) as [number, number];
  const [, met] = /: met \((\d+) % of it\)$/.exec(budget) ?? [];
  const [, missed] = /: \*\*missed by (\d+) %\*\*$/.exec(budget) ?? [];
  const share = met === undefined ? 100 + Number(missed) : Number(met);
  expect(met === undefined ? share >= 100 : share <= 100).toBe(true);
  expect({ min, max, share, agree: overlap(toRange(String(share)), [min, max]) }).toMatchObject({
    agree: true,
  });
});

test('the chart is drawn of the table', () => {
  expect(chart).toBe(toChart(readTable(page)));
  expect(chart.match(/<rect class="ours"/g)?.length).toBeGreaterThan(7);
});
