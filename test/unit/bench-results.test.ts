/** The benchmark's page and chart say what its JSON says, and the harness counts as it says that it does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toChart } from '../../bench/harness/chart.ts';
import { type Results, toSection } from '../../bench/harness/results.ts';
import { added, addedRatio, itself, ratio, toRow } from '../../bench/harness/row.ts';
import { toPercentile, toSpread } from '../../bench/harness/statistics.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const results = JSON.parse(read('bench/results/latest.json')) as Results;

test('the table of docs/benchmarks.md is that of bench/results/latest.json', () => {
  expect(read('docs/benchmarks.md')).toContain(`\n\n${toSection(results)}\n\n`);
});

test('the chart is drawn from bench/results/latest.json', () => {
  expect(read('bench/results/latest.svg')).toBe(toChart(results.rows));
});

test('a chart says in words what its bars show, and no character of them is markup', () => {
  const row = toRow({
    figure: 'bundle',
    what: 'eager',
    unit: 'bytes',
    values: [2048],
    baseline: { name: '<script>&', values: [4096] },
    budget: { text: '≤ 1 KB', limit: 1024, of: itself },
  });
  const chart = toChart([row]);
  expect(chart).toContain('2.00 KB : 4.00 KB &lt;script&gt;&amp;');
  expect(chart).toContain('<title>≤ 1 KB: missed by 100 %</title>');
  expect(chart).not.toContain('<script>');
});

test.each([
  ['itself', 30, itself],
  ['ratio', 3, ratio],
  ['added', 20, added],
  ['addedRatio', 2, addedRatio],
])('30 beside a baseline of 10: a budget on %s is held against %d', (_, value, of) => {
  const row = (limit: number) =>
    toRow({
      figure: 'f',
      what: 'w',
      unit: 'ms',
      values: [10, 30, 90],
      baseline: { name: 'b', values: [10] },
      budget: { text: 't', limit, of },
    });
  expect(row(value).verdict).toMatchObject({ value, isMet: true });
  expect(row(value - 0.5).verdict?.isMet).toBe(false);
});

test('percentiles are interpolated between the values of the rounds', () => {
  expect(toSpread([4, 1, 3, 2])).toEqual({ median: 2.5, p25: 1.75, p75: 3.25, rounds: 4 });
  expect(toPercentile([7], 0.999)).toBe(7);
  expect(() => toPercentile([], 0.5)).toThrow('a figure without any round');
});
