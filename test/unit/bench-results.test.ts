/** The harness counts as it says that it does, and keeps what it measured. */
import { toChart } from '../../bench/harness/chart.ts';
import { toMarkdownTable } from '../../bench/harness/report.ts';
import { replaceSection } from '../../bench/harness/results.ts';
import { added, addedRatio, itself, ratio, toRow } from '../../bench/harness/row.ts';
import { toPercentile, toSpread } from '../../bench/harness/statistics.ts';
import { readTable } from '../../bench/harness/table.ts';

const machine = {
  ...{ cores: 2, cpu: 'EPYC', memoryGb: 24, platform: 'linux-x64', node: 'v24.21.0' },
  loadBefore: 0.5,
};

test('a run replaces the table of the page, and nothing beside it', () => {
  const begin = '<!-- newest table: npm run bench writes it -->';
  const end = '<!-- end of the newest table -->';
  const row = toRow({ figure: 'f', what: 'w', unit: 'ms', values: [1, 2, 3] });
  const results = { date: '2026-11-21', machine, rows: [row] };

  expect(replaceSection(`before ${begin}\n\nold\n\n${end} after`, results)).toBe(
    [
      `before ${begin}`,
      '',
      '2026-11-21, Node v24.21.0, linux-x64, 2 cores (EPYC), 24 GB; load before the run 0.5.',
      '',
      '| figure | measured | p25–p75 | baseline | ratio | budget |',
      '|---|---:|---:|---|---:|---|',
      '| f: w | 2.00 ms | 1.50–2.50 ms |  |  |  |',
      '',
      `${end} after`,
    ].join('\n'),
  );
  expect(() => replaceSection('a page without the comments', results)).toThrow(
    'docs/benchmarks.md',
  );
});

const cold = 'cold: at 0.29 of a CPU (512 MB), import to first byte';

test('the lines of the table can be read, with and without a baseline', () => {
  const row = toRow({
    ...{ figure: 'bundle', what: 'eager', unit: 'bytes', values: [2048] },
    ...{ baseline: { name: 'SDK proxy', values: [4096] } },
    budget: { text: '≤ 1 KB', limit: 1024, of: itself },
  });
  const alone = toRow({ figure: 'match', what: '10 routes, hit', unit: 'ns', values: [7, 8, 9] });

  expect(readTable(toMarkdownTable([row, alone]))).toEqual([
    {
      name: 'bundle: eager',
      measured: '2.00 KB',
      baseline: { name: 'SDK proxy', measured: '4.00 KB' },
    },
    { name: 'match: 10 routes, hit', measured: '8.00 ns', baseline: undefined },
  ]);
});

test('a panel has our bar first, lengths in proportion, and real units', () => {
  const chart = toChart([
    { name: cold, measured: '1200 ms', baseline: { name: 'SDK proxy', measured: '2400 ms' } },
  ]);
  const bars = [...chart.matchAll(/<rect class="(ours|theirs)"[^>]* width="([\d.]+)"/g)];

  expect(bars.map(([, kind]) => kind)).toEqual(['ours', 'theirs']);
  expect(Number(bars[1]?.[2])).toBeCloseTo(2 * Number(bars[0]?.[2]));
  expect([...chart.matchAll(/class="value [^>]*>([^<]*)</g)].map(([, text]) => text)).toEqual([
    '1.20 s',
    '2.40 s',
  ]);
});

test('a question of which only one figure was measured has no panel', () => {
  expect(toChart([{ name: cold, measured: '1 ms', baseline: undefined }])).not.toContain('512 MB');
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
