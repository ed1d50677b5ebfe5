/** A table source over a load that the test answers by hand, under Jest's fake timers. */

import { createConsumers } from '../../functions/proxy/routes/consumers.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import {
  createTableSource,
  type TableSource,
  type TableSourceOptions,
} from '../../functions/proxy/routes/refresh.ts';
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { type RecordingLogger, toLogger } from './builders.ts';

export const startMs = 1_000_000_000;
export const throttled = { type: 'ThrottlingException', status: 400 };

export interface RefreshRig {
  readonly source: TableSource;
  readonly log: RecordingLogger;
  /** Times, after the start, at which a load began. */
  readonly loads: number[];
  readonly announced: string[];
  /** How often a load was told that a request waits for it. */
  readonly hurried: () => number;
  /** What loads answer from now on: a table's version, an error, or nothing ever. */
  answer(with_: string | Error | 'never'): void;
}

interface RefreshParts {
  readonly intervalMs?: number;
  readonly random?: number;
  /** How long a load takes. */
  readonly loadMs?: number;
  /** @default none: requests alone refresh, as in an environment that is frozen between them */
  readonly later?: TableSourceOptions<RouteTable>['later'];
}

export function createRefreshRig({
  intervalMs = 10_000,
  random = 0.5,
  loadMs = 0,
  later = () => {},
}: RefreshParts = {}): RefreshRig {
  const log = toLogger();
  const loads: number[] = [];
  const announced: string[] = [];
  let hurried = 0;
  let answered: string | Error = 'v1';
  const load = async () => {
    loads.push(Date.now() - startMs);
    if (answered === 'never') return new Promise<RouteTable>(() => {});
    const given = answered;
    if (loadMs > 0) await new Promise((resolve) => setTimeout(resolve, loadMs));
    if (given instanceof Error) throw given;
    return toTable(given);
  };
  const source = createTableSource({
    load,
    intervalMs,
    now: () => Date.now(),
    random: () => random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    log,
    onTable: (table) => announced.push(table.version),
    later,
    background: {
      hurry() {
        hurried += 1;
      },
    },
  });
  return {
    source,
    log,
    loads,
    announced,
    hurried: () => hurried,
    answer(given) {
      answered = given;
    },
  };
}

export function toTable(version: string): RouteTable {
  return {
    version,
    matcher: createMatcher([]),
    originKeys: undefined,
    consumers: createConsumers([]),
    secretParameters: new Set(),
    documents: new Map(),
    invalidDocuments: 0,
    pools: new Set(),
    summary: { documents: 0, routes: 0, openRoutes: 0, unavailableRoutes: 0, open: [] },
    sourceDigest: version,
  };
}

/** Lets fake time pass, with everything that becomes due in it. */
export function pass(ms: number): Promise<void> {
  return jest.advanceTimersByTimeAsync(ms);
}

/** A deadline far away. */
export const farMs = Number.MAX_SAFE_INTEGER;
