/** The figures of docs/scale.md are those that the simulation gives, the same in each run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEnvironment } from '../../bench/fleet/environment.ts';
import { grid, toLine } from '../../bench/fleet/rows.ts';
import { simulate } from '../../bench/fleet/scenario.ts';
import { createWorld } from '../../bench/fleet/world.ts';
import { sample } from '../support/sample.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/scale.md'), 'utf8');
const small = grid.filter(({ environments, routes }) => environments === 1 && routes <= 100);

test.each(
  sample(small).map((scenario) => [`${scenario.mode}, ${scenario.routes} routes`, scenario]),
)('one environment, %s: the page has what the simulation gives', async (_, scenario) => {
  const outcome = await simulate(scenario);

  expect(page).toContain(toLine({ scenario, outcome }));
  expect(outcome.refused).toBe(0);
});

test('the page has a line for each size and mode', () => {
  const lines = page.split('\n').filter((line) => /^\| [\d,]+ \| [\d,]+ \|/.test(line));

  expect(lines).toHaveLength(grid.length);
});

test('what the snapshot promises for the largest fleet holds: nothing refused, 15 seconds, two calls a second', () => {
  const [line = ''] = page.split('\n').filter((row) => row.startsWith('| 10,000 | 10,000 | 0 |'));
  const [, p99] = /\/ ([\d.]+) s \| [\d.]+\/s/.exec(line) ?? [];
  const [, calls] = /s \| ([\d.]+)\/s/.exec(line) ?? [];

  expect(Number(p99)).toBeLessThanOrEqual(15);
  expect(Number(calls)).toBeLessThanOrEqual(2);
});

test('a thousand environments that start in the same moment have their tables within three seconds, at 10,000 routes', () => {
  const line = page
    .split('\n')
    .find((row) => /start in the same moment, 10,000 routes \|/.test(row));
  const [, refused, p99] = /routes \| ([^|]+) \| [\d.]+ \/ ([\d.]+) s \|/.exec(line ?? '') ?? [];

  expect(refused).toBe('0');
  expect(Number(p99)).toBeLessThanOrEqual(3);
});

test('requests that wait for a table are refused in virtual time, however fast the machine is', async () => {
  const world = createWorld({ routes: 10, seed: 1 });
  const { clock } = world;
  const startMs = clock.now();
  const endMs = startMs + 62_000;
  const record = startEnvironment({
    ...{ world, startMs, endMs, requestEveryMs: 100 },
    createReading: () => ({ load: () => new Promise<never>(() => {}), versionOf: () => 0 }),
  });
  await clock.runUntil(endMs);

  // Six seconds of INIT, and then requests that wait five seconds each.
  expect(record.served).toBe(0);
  expect(record.refused).toBeGreaterThanOrEqual(10);
  expect(record.refused).toBeLessThanOrEqual(11);
});
