/** Simulates one account with a number of environments and routes, in one of the two modes. */

import type { ServedTable } from '../../functions/proxy/routes/served-table.ts';
import { prices, publisher, startsPerSecond } from './assumptions.ts';
import {
  type EnvironmentRecord,
  type Reading,
  type Resume,
  startEnvironment,
} from './environment.ts';
import { createPublishing, type Publishing } from './publishing.ts';
import { createDirectReadings, createSnapshotReadings, type KeyCount } from './readings.ts';
import type { CallCount } from './services.ts';
import { createWorld, type World } from './world.ts';

export type Mode = 'snapshot' | 'direct';

export interface Scenario {
  readonly mode: Mode;
  readonly environments: number;
  readonly routes: number;
  readonly seed: number;
  /** Starts all environments at once, faster than Lambda adds them under load. */
  readonly isBurst?: boolean;
  /**
   * Mean time between two requests of an environment, during which it is frozen.
   * @default 500
   */
  readonly requestEveryMs?: number;
  /** S3 fails for a minute, starting 40 seconds after the last environment has started. */
  readonly hasOutage?: boolean;
}

/** Results, in ms unless the name says otherwise; undefined if there was nothing to measure. */
export interface Outcome {
  readonly requests: number;
  readonly refused: number;
  /** Environments that never had a table. */
  readonly unloaded: number;
  readonly firstTable: Quantiles | undefined;
  readonly editToLive: Quantiles | undefined;
  /** Edits that were not in force at the end, counted for each environment. */
  readonly missedEdits: number;
  readonly maxAgeMs: number;
  /** Calls a second once all environments have started: mean of the last minute. */
  readonly ssmPerSecond: number;
  readonly s3PerSecond: number;
  readonly throttled: number;
  readonly publications: number;
  readonly dollarsPerMonth: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

const edits = 20;
const editEveryMs = 5000;
/** Time after the last start: the edits, and the time that they need to come into force. */
const watchedMs = edits * editEveryMs + 40_000;

/**
 * Runs a scenario.
 * @returns the same results for the same scenario on every machine
 */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  const { mode, environments, routes, seed, isBurst = false } = scenario;
  const world = createWorld({ routes, seed });
  const { clock } = world;
  const publishing = mode === 'snapshot' ? createPublishing(world) : undefined;
  if (publishing) {
    // A deployment waits for the first snapshot before its function URL exists.
    void publishing.deploy();
    await clock.runUntil(clock.now() + 15 * 60_000);
  }
  const beganMs = clock.now();
  const startedMs = isBurst ? beganMs : beganMs + (environments / startsPerSecond) * 1000;
  const endMs = startedMs + watchedMs;
  const keys: KeyCount = { answered: 0 };
  const records = startAll({ scenario, world, keys, beganMs, endMs });
  publishing?.schedule(endMs);
  scheduleEdits({ world, publishing, startedMs });
  if (scenario.hasOutage) scheduleOutage(world, startedMs + 40_000);
  await clock.runUntil(endMs);
  return toOutcome({ scenario, world, keys, records, publishing, beganMs, endMs });
}

interface Run {
  readonly scenario: Scenario;
  readonly world: World;
  readonly keys: KeyCount;
  readonly beganMs: number;
  readonly endMs: number;
}

function startAll(run: Run): EnvironmentRecord[] {
  const { scenario, world, keys } = run;
  return scenario.mode === 'snapshot'
    ? startWith(run, createSnapshotReadings(world, keys))
    : startWith(run, createDirectReadings(world));
}

function startWith<T extends ServedTable>(
  { scenario, world, beganMs, endMs }: Run,
  createReading: (resume: Resume) => Reading<T>,
): EnvironmentRecord[] {
  const { environments, isBurst = false, requestEveryMs = 500 } = scenario;
  return Array.from({ length: environments }, (_, index) =>
    startEnvironment({
      ...{ world, endMs, requestEveryMs, createReading },
      startMs: beganMs + (isBurst ? 0 : (index / startsPerSecond) * 1000),
    }),
  );
}

interface Editing {
  readonly world: World;
  readonly publishing: Publishing | undefined;
  readonly startedMs: number;
}

function scheduleEdits({ world, publishing, startedMs }: Editing): void {
  const { clock, random } = world;
  for (let count = 0; count < edits; count += 1) {
    clock.at(startedMs + count * editEveryMs + random() * editEveryMs, () => {
      publishing?.announce(world.edit(Math.floor(random() * world.ssm.parameters.size)));
      if (!publishing) world.edit(Math.floor(random() * world.ssm.parameters.size));
    });
  }
}

function scheduleOutage({ clock, s3 }: World, atMs: number): void {
  clock.at(atMs, () => {
    s3.isDown = true;
  });
  clock.at(atMs + 60_000, () => {
    s3.isDown = false;
  });
}

type Ended = Run & {
  readonly records: readonly EnvironmentRecord[];
  readonly publishing: Publishing | undefined;
};

function toOutcome(ended: Ended): Outcome {
  const { scenario, world, records, endMs } = ended;
  const sum = (of: (record: EnvironmentRecord) => number) =>
    records.reduce((total, record) => total + of(record), 0);
  const firstTables = records.flatMap(({ firstTableMs }) => firstTableMs ?? []);
  return {
    requests: sum(({ served, refused }) => served + refused),
    refused: sum(({ refused }) => refused),
    unloaded: scenario.environments - firstTables.length,
    firstTable: toQuantiles(firstTables),
    editToLive: toQuantiles(records.flatMap(({ editMs }) => editMs)),
    missedEdits: sum(({ editMs }) => Math.max(0, edits - editMs.length)),
    maxAgeMs: records.reduce((max, { maxAgeMs }) => Math.max(max, maxAgeMs), 0),
    ssmPerSecond: toRate(world.ssm.count, endMs),
    s3PerSecond: toRate(world.s3.count, endMs),
    throttled: world.ssm.count.throttled + world.s3.count.throttled,
    publications: world.s3.writes.answered,
    dollarsPerMonth: toDollars(ended),
  };
}

const rateSeconds = 60;

function toRate({ bySecond }: CallCount, endMs: number): number {
  const last = Math.floor(endMs / 1000);
  let calls = 0;
  for (let second = last - rateSeconds; second < last; second += 1) {
    calls += bySecond.get(second) ?? 0;
  }
  return calls / rateSeconds;
}

/**
 * Computes the cost of environments that run all month with one edit a minute. Standard parameters and their reads cost
 * nothing.
 */
function toDollars({ world, scenario, publishing, endMs }: Ended): number {
  const { secondsPerMonth, s3Get, s3Put, kmsCall, gbSecond } = prices;
  if (!publishing) return 0;
  const changesPerMonth = secondsPerMonth / 60;
  const reads = toRate(world.s3.count, endMs) * secondsPerMonth * s3Get;
  const writes = changesPerMonth * (s3Put + kmsCall + scenario.environments * kmsCall);
  const runs = Math.max(1, world.s3.writes.answered);
  const compute =
    (publishing.busyMs() / runs / 1000) * publisher.memoryGb * gbSecond * changesPerMonth;
  return reads + writes + compute;
}

function toQuantiles(values: readonly number[]): Quantiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5) ?? 0, p99: at(0.99) ?? 0 };
}
