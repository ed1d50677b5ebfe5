/**
 * A leaky bucket by name. What is kept of one is the time at which it will have run dry: a request adds one interval to
 * it (the generic cell rate algorithm), so that one number decides and one update keeps it.
 */

import { createRecent } from '../../../http/recent.ts';
import type { Clock } from '../../../http/time.ts';
import { type LimitTable, readNumber, toItemKey } from './table.ts';

/** The result of adding a request to a leaky bucket. `waitMs` is in ms. */
export interface Poured {
  readonly isAllowed: boolean;
  /** What is before the request, or how long it takes until one may pass again. */
  readonly waitMs: number;
}

/** Leaky buckets by name. */
export interface BucketStore {
  pour(name: string): Promise<Poured>;
}

/** The rate and burst of a leaky bucket. */
export interface BucketLimit {
  /** Requests a second. */
  readonly rate: number;
  /** How many may wait. */
  readonly burst: number;
}

/** Where the buckets are kept. */
export interface BucketStoreOptions {
  /** Owner of the buckets: the same name in every environment. */
  readonly owner: string;
  /** Undefined keeps them in memory. */
  readonly table: LimitTable | undefined;
  readonly now: Clock;
}

/**
 * Creates buckets in memory, or in a DynamoDB table where one is given. `pour` rejects when the table gives no answer.
 */
export function createBucketStore(limit: BucketLimit, options: BucketStoreOptions): BucketStore {
  // Whole microseconds: decimals of a quotient would not add up to the burst.
  const interval = Math.max(1, Math.round(1_000_000 / limit.rate));
  const bucket = { interval, longest: Math.floor(interval * limit.burst) };
  const { table } = options;
  return table ? pourInTable(bucket, table, options) : pourInMemory(bucket, options);
}

/** In microseconds. */
interface Bucket {
  readonly interval: number;
  /** The longest that a request waits. */
  readonly longest: number;
}

function pourInMemory({ interval, longest }: Bucket, { now }: BucketStoreOptions): BucketStore {
  const dryTimes = createRecent<number>();
  return {
    async pour(name) {
      const nowMicros = now() * 1000;
      const dry = Math.max(nowMicros, dryTimes.get(name) ?? 0);
      const wait = dry - nowMicros;
      if (wait > longest) return { isAllowed: false, waitMs: (wait - longest) / 1000 };
      dryTimes.set(name, dry + interval);
      return { isAllowed: true, waitMs: wait / 1000 };
    },
  };
}

function pourInTable(
  { interval, longest }: Bucket,
  table: LimitTable,
  { owner, now }: BucketStoreOptions,
): BucketStore {
  return {
    async pour(name) {
      const nowMicros = now() * 1000;
      const key = toItemKey('limit-req', owner, name);
      const expires = Math.ceil((nowMicros + longest + interval) / 1_000_000) + keptSeconds;
      const common = { ':expires': { N: String(expires) } };
      const dry = await table.update(key, {
        update: 'SET dry = :after, expires_at = :expires',
        condition: 'attribute_not_exists(dry) OR dry <= :now',
        values: {
          ...common,
          ':now': { N: String(nowMicros) },
          ':after': { N: String(nowMicros + interval) },
        },
      });
      if (dry) return { isAllowed: true, waitMs: 0 };
      // DynamoDB's update expressions have no maximum of two numbers, so a bucket that is not empty needs a second update.
      const queued = await table.update(key, {
        update: 'SET dry = dry + :interval, expires_at = :expires',
        condition: 'dry <= :latest',
        values: {
          ...common,
          ':interval': { N: String(interval) },
          ':latest': { N: String(nowMicros + longest) },
        },
      });
      if (!queued) return { isAllowed: false, waitMs: interval / 1000 };
      const wait = readNumber(queued, 'dry') - interval - nowMicros;
      return { isAllowed: true, waitMs: Math.max(0, wait / 1000) };
    },
  };
}

/** Clocks differ: an item outlives its bucket by that much. */
const keptSeconds = 60;
