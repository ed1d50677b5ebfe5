/** Requests in a fixed window of time, counted by name. */

import type { Share } from '../../../chain/share.ts';
import { createRecent } from '../../../http/recent.ts';
import type { Clock } from '../../../http/time.ts';
import { type LimitTable, readNumber, toItemKey } from './table.ts';

/** The result of counting a request in a time window. */
export interface Taken {
  readonly isAllowed: boolean;
  /** Requests that are left in the window. */
  readonly remaining: number;
  /** Until the window is over. */
  readonly resetMs: number;
}

/** Counts of requests by name, in windows of time. */
export interface CountStore {
  /** Counts one request, unless the limit is reached. */
  take(name: string): Promise<Taken>;
}

/** So many requests in a window of so many ms. */
export interface CountLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** Where the counts are kept, and which limits share them. */
export interface CountStoreOptions {
  /** Limits of one group count together. */
  readonly group: string | undefined;
  /** Owner of counts without a `group`: the same name in every environment. */
  readonly owner: string;
  /** Undefined counts in memory. */
  readonly table: LimitTable | undefined;
  /** Holds the counts of groups. Undefined counts each limit by itself. */
  readonly share: Share | undefined;
  readonly now: Clock;
}

/**
 * Creates counts in memory, or in a DynamoDB table where one is given. `take` rejects when the table gives no answer.
 */
export function createCountStore(limit: CountLimit, options: CountStoreOptions): CountStore {
  const { table } = options;
  return table ? countInTable(limit, table, options) : countInMemory(limit, options);
}

interface Window {
  hits: number;
  readonly endsMs: number;
}

/** A window begins with the first request of its name. */
function countInMemory(
  { count, windowMs }: CountLimit,
  { group, share, now }: CountStoreOptions,
): CountStore {
  const windows =
    group === undefined || !share
      ? createRecent<Window>()
      : share(`limit-count ${group}#${windowMs}`, () => createRecent<Window>());
  return {
    async take(name) {
      const nowMs = now();
      let window = windows.get(name);
      if (!window || window.endsMs <= nowMs) {
        window = { hits: 0, endsMs: nowMs + windowMs };
        windows.set(name, window);
      }
      const isAllowed = window.hits < count;
      if (isAllowed) window.hits += 1;
      return { isAllowed, remaining: count - window.hits, resetMs: window.endsMs - nowMs };
    },
  };
}

/**
 * Windows follow the clock, so that all environments mean the same one: each is an item of its own, and one conditional
 * update counts and decides. A clock that is off by a second counts a second in the next window.
 */
function countInTable(
  { count, windowMs }: CountLimit,
  table: LimitTable,
  { group, owner, now }: CountStoreOptions,
): CountStore {
  const scope = group === undefined ? ['owner', owner] : ['group', group];
  return {
    async take(name) {
      const nowMs = now();
      const endsMs = (Math.floor(nowMs / windowMs) + 1) * windowMs;
      const item = await table.update(toItemKey('limit-count', ...scope, windowMs, endsMs, name), {
        update: 'ADD hits :one SET expires_at = :expires',
        condition: 'attribute_not_exists(hits) OR hits < :count',
        values: {
          ':one': { N: '1' },
          ':count': { N: String(count) },
          ':expires': { N: String(Math.ceil(endsMs / 1000) + keptSeconds) },
        },
      });
      const resetMs = endsMs - nowMs;
      if (!item) return { isAllowed: false, remaining: 0, resetMs };
      const remaining = Math.max(0, count - readNumber(item, 'hits'));
      return { isAllowed: true, remaining, resetMs };
    },
  };
}

/** Clocks differ: an item outlives its window by that much. */
const keptSeconds = 60;
