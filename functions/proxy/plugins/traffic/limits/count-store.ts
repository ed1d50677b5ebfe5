/** Requests in a window of time, counted by name. */

import { keepState } from '../../../chain/kept-state.ts';
import type { Share } from '../../../chain/share.ts';
import { createRecent } from '../../../http/recent.ts';
import type { Clock } from '../../../http/time.ts';
import { type LimitTable, readNumber, toExpiry, toItemKey } from './table.ts';

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
  /** Counts one request, unless the limit is reached. A request may have another limit than the one before it. */
  take(name: string, limit: CountLimit): Promise<Taken>;
}

/** So many requests in a window of so many ms. */
export interface CountLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** Where the counts are kept, and which limits share them. */
export interface CountStoreOptions {
  /** Also counts the window before, weighted by how much of it lies within the last window length. */
  readonly isSliding: boolean;
  /** Limits of one group count together. */
  readonly group: string | undefined;
  /** Owner of counts without a `group`: the same name in every environment. */
  readonly owner: string;
  /** Undefined counts in memory. */
  readonly table: LimitTable | undefined;
  /** The owner's settings: an edit of anything else keeps the counts. */
  readonly settings: unknown;
  /** Holds the counts. Undefined counts each limit by itself. */
  readonly share: Share | undefined;
  readonly now: Clock;
}

/**
 * Creates counts in memory, or in a DynamoDB table where one is given. `take` rejects when the table gives no answer.
 */
export function createCountStore(options: CountStoreOptions): CountStore {
  const { table, isSliding } = options;
  if (table) return isSliding ? slideInTable(table, options) : countInTable(table, options);
  return isSliding ? slideInMemory(options) : countInMemory(options);
}

/** Finds the windows of a group, or of one limit as long as its settings stay the same. */
function findWindows<T>({ isSliding, group, share, owner, settings }: CountStoreOptions) {
  const kind = isSliding ? 'sliding' : 'fixed';
  if (group === undefined || !share) {
    return keepState(share, ['limit-count', kind, owner, settings], () => createRecent<T>());
  }
  return share(`limit-count ${kind} ${group}`, () => createRecent<T>());
}

interface Window {
  hits: number;
  readonly endsMs: number;
}

/** A window begins with the first request of its name. */
function countInMemory(options: CountStoreOptions): CountStore {
  const windows = findWindows<Window>(options);
  return {
    async take(name, { count, windowMs }) {
      const nowMs = options.now();
      const key = `${windowMs} ${name}`;
      let window = windows.get(key);
      if (!window || window.endsMs <= nowMs) {
        window = { hits: 0, endsMs: nowMs + windowMs };
        windows.set(key, window);
      }
      const isAllowed = window.hits < count;
      if (isAllowed) window.hits += 1;
      const remaining = Math.max(0, count - window.hits);
      return { isAllowed, remaining, resetMs: window.endsMs - nowMs };
    },
  };
}

/**
 * Windows follow the clock, so that all environments mean the same one: each is an item of its own, and one conditional
 * update counts and decides. A clock that is off by a second counts a second in the next window.
 */
function countInTable(table: LimitTable, options: CountStoreOptions): CountStore {
  return {
    async take(name, { count, windowMs }) {
      const nowMs = options.now();
      const index = Math.floor(nowMs / windowMs);
      const resetMs = (index + 1) * windowMs - nowMs;
      const window = { key: toKey(options, { name, windowMs, index }), endsMs: nowMs + resetMs };
      const hits = await addHit(table, window, count);
      if (hits === undefined) return { isAllowed: false, remaining: 0, resetMs };
      return { isAllowed: true, remaining: Math.max(0, count - hits), resetMs };
    },
  };
}

interface SlidingWindow {
  /** Number of the window since the epoch. */
  readonly index: number;
  readonly before: number;
  hits: number;
}

/** The window before counts by its share of the last window's length, as if its requests had come evenly. */
function slideInMemory(options: CountStoreOptions): CountStore {
  const windows = findWindows<SlidingWindow>(options);
  return {
    async take(name, limit) {
      const { count, windowMs } = limit;
      const nowMs = options.now();
      const key = `${windowMs} ${name}`;
      const index = Math.floor(nowMs / windowMs);
      let window = windows.get(key);
      if (window?.index !== index) {
        const before = window?.index === index - 1 ? window.hits : 0;
        window = { index, before, hits: 0 };
        windows.set(key, window);
      }
      const weighed = window.before * (((index + 1) * windowMs - nowMs) / windowMs);
      const isAllowed = window.hits + 1 + weighed <= count;
      if (isAllowed) window.hits += 1;
      const remaining = Math.max(0, Math.floor(count - window.hits - weighed));
      return { isAllowed, remaining, resetMs: toResetMs(window, limit, { nowMs, isAllowed }) };
    },
  };
}

/** Until the window is over; for a refused request until enough of the window before has gone by, if that is sooner. */
function toResetMs(
  { index, before, hits }: SlidingWindow,
  { count, windowMs }: CountLimit,
  { nowMs, isAllowed }: { readonly nowMs: number; readonly isAllowed: boolean },
): number {
  const endMs = (index + 1) * windowMs - nowMs;
  if (isAllowed) return endMs;
  return Math.min(endMs, Math.max(1, endMs - ((count - hits - 1) * windowMs) / before));
}

/** One more update for each name and window: what the window before has come to, which stays as it is. */
function slideInTable(table: LimitTable, options: CountStoreOptions): CountStore {
  const known = createRecent<number>();
  return {
    async take(name, { count, windowMs }) {
      const nowMs = options.now();
      const index = Math.floor(nowMs / windowMs);
      const resetMs = (index + 1) * windowMs - nowMs;
      // It is read until the window after it is over.
      const endsMs = nowMs + resetMs + windowMs;
      const toWindow = (at: number) => ({
        key: toKey(options, { name, windowMs, index: at }),
        endsMs,
      });
      const past = toWindow(index - 1);
      const before = known.get(past.key) ?? (await readHits(table, past));
      known.set(past.key, before);
      const weighed = before * (resetMs / windowMs);
      const most = Math.floor(count - weighed);
      const hits = most < 1 ? undefined : await addHit(table, toWindow(index), most);
      if (hits === undefined) return { isAllowed: false, remaining: 0, resetMs };
      return { isAllowed: true, remaining: Math.max(0, most - hits), resetMs };
    },
  };
}

interface WindowOfName {
  readonly name: string;
  readonly windowMs: number;
  readonly index: number;
}

function toKey(
  { isSliding, group, owner }: CountStoreOptions,
  { name, windowMs, index }: WindowOfName,
): string {
  const scope = group === undefined ? ['owner', owner] : ['group', group];
  const kind = isSliding ? ['limit-count', 'sliding'] : ['limit-count'];
  return toItemKey(...kind, ...scope, windowMs, (index + 1) * windowMs, name);
}

interface StoredWindow {
  readonly key: string;
  /** When nothing asks for it any more. */
  readonly endsMs: number;
}

/** @returns the hits with this one; undefined if there are as many as may be */
async function addHit(
  table: LimitTable,
  { key, endsMs }: StoredWindow,
  count: number,
): Promise<number | undefined> {
  const item = await table.update(key, {
    update: 'ADD hits :one SET expires_at = :expires',
    condition: 'attribute_not_exists(hits) OR hits < :count',
    values: {
      ':one': { N: '1' },
      ':count': { N: String(count) },
      ':expires': toExpiry(endsMs),
    },
  });
  return item && readNumber(item, 'hits');
}

/** An update as well: reading would be another permission of the role's. */
async function readHits(table: LimitTable, { key, endsMs }: StoredWindow): Promise<number> {
  const item = await table.update(key, {
    update: 'ADD hits :none SET expires_at = :expires',
    values: { ':none': { N: '0' }, ':expires': toExpiry(endsMs) },
  });
  return item ? readNumber(item, 'hits') : 0;
}
