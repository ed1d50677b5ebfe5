/** Keeps the route table fresh: loaded at INIT, refreshed beside requests, never given up for a failed reading. */
import type { Background } from '../http/background.ts';
import { describeError, ProxyError } from '../http/errors.ts';
import type { Clock } from '../http/time.ts';
import { withTimeLimit } from '../http/time.ts';
import type { Logger } from '../log/log.ts';
import type { ServedTable } from './served-table.ts';
import { isThrottled, retryThrottled } from './throttling.ts';

/** The current route table, refreshed at an interval. */
export interface TableSource {
  /** First load, during INIT; a failure is logged and left to the requests. */
  start(): Promise<void>;
  /**
   * The table to route a request with. Starts a refresh when one is due; waits for it only without a table, or
   * after long idleness.
   *
   * @throws ProxyError `ROUTES_UNAVAILABLE`
   */
  current(deadlineMs: number): Promise<ServedTable>;
  /** Milliseconds since the last reading that succeeded; undefined before the first one. */
  ageMs(): number | undefined;
}

/** How a table source loads and when it refreshes. */
export interface TableSourceOptions<T extends ServedTable> {
  /**
   * Reads the table.
   *
   * @param previous what was read last
   * @returns `previous` itself when nothing has changed
   */
  readonly load: (previous: T | undefined) => Promise<T>;
  readonly intervalMs: number;
  readonly now: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Waits for a promise no longer than a time. @default by a timer */
  readonly limit?: typeof withTimeLimit;
  readonly log: Logger;
  /** Told when a request waits for a refresh. */
  readonly background?: Pick<Background, 'hurry'>;
  readonly onTable: (table: T) => void;
  /** Calls back after the delay unless the environment is frozen; then the next request starts the refresh. */
  readonly later: (callback: () => void, delayMs: number) => void;
}

const initWaitMs = 6000;
const coldWaitMs = 5000;
const idleIntervals = 6;
const idleWaitMs = 1000;
const retryWithoutTableMs = 1000;
const minBackoffMs = 1000;
const maxBackoffMs = 5 * 60_000;
/** Tries of a throttled first load; they take at most six seconds. Then the failure is logged, and requests try again. */
const coldTries = 6;

interface State<T> {
  table: T | undefined;
  pending: Promise<void> | undefined;
  nextAtMs: number;
  /** When the last successful reading began, in epoch ms; later writes are not in it. */
  readAtMs: number | undefined;
  lastRequestMs: number;
  /** Readings that failed in a row. */
  failures: number;
  lastError: unknown;
}

/** Creates the table source of an environment. One refresh runs at a time. */
export function createTableSource<T extends ServedTable>(
  options: TableSourceOptions<T>,
): TableSource {
  const { now, intervalMs, log, background, limit = withTimeLimit } = options;
  const waitUpTo = async (promise: Promise<void> | undefined, waitMs: number): Promise<void> => {
    if (promise !== undefined) await limit(promise, waitMs, () => {});
  };
  const state: State<T> = {
    table: undefined,
    pending: undefined,
    nextAtMs: 0,
    readAtMs: undefined,
    lastRequestMs: now(),
    failures: 0,
    lastError: undefined,
  };
  const refresh = (): Promise<void> => {
    state.pending ??= runLoad(state, options).finally(() => {
      state.pending = undefined;
      // With an interval of 0 each request refreshes, and nothing else does.
      if (!state.table || intervalMs === 0) return;
      const dueMs = state.nextAtMs;
      // Compares due times and does not look at the clock. A timer may fire early; the clock would then skip this refresh,
      // and nothing would set another timer.
      options.later(() => {
        if (state.nextAtMs === dueMs) void refresh();
      }, dueMs - now());
    });
    return state.pending;
  };
  /** A refresh that was running when the environment froze may have failed because of it. Then the table is refreshed again. */
  const refreshAnew = async () => {
    await refresh();
    if (state.lastError === undefined || isThrottled(state.lastError)) return;
    const again = refresh();
    background?.hurry();
    await again;
  };
  return {
    async start() {
      await waitUpTo(refresh(), initWaitMs);
    },
    async current(deadlineMs) {
      const idleMs = now() - state.lastRequestMs;
      state.lastRequestMs = now();
      const isUnderWay = state.pending !== undefined;
      if (now() >= state.nextAtMs) void refresh();
      const isIdle = idleMs > idleIntervals * intervalMs;
      const leftMs = Math.max(0, deadlineMs - now());
      if (!state.table) await waitUpTo(state.pending, Math.min(coldWaitMs, leftMs));
      else if (isIdle) {
        const fresh = isUnderWay ? refreshAnew() : state.pending;
        background?.hurry();
        await waitUpTo(fresh, Math.min(idleWaitMs, leftMs));
      }
      if (state.table) return state.table;
      log.debug('a request came without any table');
      throw new ProxyError('ROUTES_UNAVAILABLE', 'no routes have been loaded yet', {
        cause: state.lastError,
        headers: { 'retry-after': '1' },
      });
    },
    ageMs: () => (state.readAtMs === undefined ? undefined : now() - state.readAtMs),
  };
}

async function runLoad<T extends ServedTable>(
  state: State<T>,
  options: TableSourceOptions<T>,
): Promise<void> {
  const { intervalMs, now, random, log, onTable } = options;
  // Set first, so that nothing that happens meanwhile starts another.
  state.nextAtMs = Number.POSITIVE_INFINITY;
  const jitter = 0.9 + 0.2 * random();
  const beganMs = now();
  try {
    const table = await load(state, options);
    if (state.lastError !== undefined)
      log.info('the routes can be read again', { table: table.version });
    const isNew = table.version !== state.table?.version;
    state.table = table;
    state.readAtMs = beganMs;
    state.failures = 0;
    state.lastError = undefined;
    // The interval counts from the beginning of the reading, because edits made during it are not in the table.
    state.nextAtMs = Math.max(now(), beganMs + intervalMs * jitter);
    if (isNew) onTable(table);
  } catch (error) {
    state.lastError = error;
    state.failures += 1;
    const backoffMs = random() * toLongestBackoffMs(intervalMs, state.failures);
    const pauseMs = Math.max(intervalMs * jitter, backoffMs);
    state.nextAtMs = now() + (state.table ? pauseMs : retryWithoutTableMs);
    const kept = state.table ? 'the last table stays in force' : 'there is no table yet';
    log.error(`the routes could not be read; ${kept}`, {
      event: 'refresh-failed',
      error: describeError(error),
    });
  }
}

/** Doubled with each failure in a row. Full jitter: environments that failed together must not come back together. */
function toLongestBackoffMs(intervalMs: number, failures: number): number {
  return Math.min(maxBackoffMs, Math.max(intervalMs, minBackoffMs) * 2 ** failures);
}

/**
 * Without a table requests are waiting, and many environments may have started at once: throttling is answered by trying
 * again soon. With a table the refresh is given up, and the next one comes later.
 */
function load<T extends ServedTable>(
  { table }: State<T>,
  { load, random, sleep }: TableSourceOptions<T>,
): Promise<T> {
  if (table) return load(table);
  return retryThrottled(() => load(undefined), { random, sleep, maxTries: coldTries });
}
