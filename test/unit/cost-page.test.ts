/** docs/cost.md: its figures are what its formula says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'cost.md'), 'utf8');
const perGbSecond = 0.0000133334;
const toCost = (memoryMb: number, ms: number) =>
  0.2 + (memoryMb / 1024) * (ms / 1000) * 1_000_000 * perGbSecond;

test('the page has the formula that this test computes', () => {
  expect(page).toContain('proxy = 0.20 + (MB / 1024) × (ms / 1000) × 1,000,000 × 0.0000133334');
});

test('each cell of the table follows from it', () => {
  const [, sizes = ''] = /\| ms per request \|(.*)\|\n/.exec(page) ?? [];
  const memories = sizes.split('|').map((text) => Number.parseInt(text, 10));
  const rows = [...page.matchAll(/^\| (\d+) \|(.*)\|$/gm)].map(([, ms = '', cells = '']) => [
    Number(ms),
    cells.split('|').map((text) => text.trim()),
  ]);
  expect(rows).toHaveLength(4);
  expect(rows).toEqual(
    rows.map(([ms]) => [ms, memories.map((memory) => toCost(memory, Number(ms)).toFixed(2))]),
  );
});

test.each([
  [1, 512, '120 ms a request with 512 MB'],
  [1, 256, '240 ms with 256 MB'],
  [3.5, 512, '495 ms a request with 512 MB'],
  [3.5, 256, '990 ms with 256 MB'],
])('at %d dollars and %d MB the price is the same at %s', (price, memory, text) => {
  const [ms = ''] = text.split(' ', 1);
  expect(toCost(memory, Number(ms))).toBeCloseTo(price, 2);
  expect(page).toContain(text);
});

test('so do the front’s prices and the cap', () => {
  const rows = [
    `| Countersign, 512 MB, 20 ms a request | ${toCost(512, 20).toFixed(2)} |`,
    `| Countersign, 512 MB, 100 ms a request | ${toCost(512, 100).toFixed(2)} |`,
    `| Countersign behind CloudFront, 512 MB, 100 ms a request | ${(1 + toCost(512, 100)).toFixed(2)} |`,
  ];
  for (const row of rows) expect(page).toContain(row);
  const day = 20 * 0.5 * perGbSecond * 86_400;
  expect(page).toContain(`(at 20 and 512 MB: ${day.toFixed(2)} a day)`);
});
