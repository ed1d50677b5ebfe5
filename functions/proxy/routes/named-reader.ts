/**
 * Reads values by name, ten a call. One name that may not be read has Parameter Store refuse the whole call, so a refused
 * call is halved until the name stands alone. What is refused is remembered, and tried again rarely: one call a reading.
 */
import type { Clock } from '../http/time.ts';
import { AwsServiceError } from '../send/aws-json.ts';
import { isThrottled } from './throttling.ts';

/** Reads values by name, in batches, and remembers names that may not be read. */
export interface NamedReader<T> {
  /** @param wanted names that stay remembered from now on. @default names */
  readAll(names: readonly string[], wanted?: readonly string[]): Promise<NamedValues<T>>;
  /** More of them. */
  readMore(names: readonly string[]): Promise<NamedValues<T>>;
  /** Has names that were refused asked for again by the next reading: something has changed about them. */
  forget(names: readonly string[]): void;
}

/** The values of one reading. */
export interface NamedValues<T> {
  /** What could be read; a name whose call was not answered, neither refused, has the value that it had last. */
  readonly values: ReadonlyMap<string, T>;
  /** The throttling or outage that ended the reading; undefined when there was none. */
  readonly failure: unknown;
  /** Names that were refused together with others, and have not been asked for alone yet. */
  readonly undecided: ReadonlySet<string>;
}

/** How a named reader reads. */
export interface NamedReaderOptions<T> {
  /** One call, of at most ten names. A name that does not exist is missing in the answer. */
  readonly readBatch: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  readonly now: Clock;
}

/** Names of which at least one is refused. */
interface Suspects {
  readonly names: readonly string[];
  /** A name that was refused alone. */
  readonly isDecided: boolean;
  readonly retryAtMs: number;
  readonly pauseMs: number;
}

/** SSM's own limit. */
const namesPerCall = 10;
/** Refused calls that one reading halves; what is left over is halved in later readings. */
const maxRefusedCalls = 24;
const firstPauseMs = 60_000;
const longestPauseMs = 5 * 60_000;

/** Creates a named reader. Its functions never reject: a failure is part of their result. */
export function createNamedReader<T>(options: NamedReaderOptions<T>): NamedReader<T> {
  const { readBatch, now } = options;
  const last = new Map<string, T>();
  let suspects: Suspects[] = [];

  /** @returns whether the call was answered */
  const tryBatch = async (names: readonly string[]): Promise<boolean> => {
    try {
      const found = await readBatch(names);
      for (const name of names) keep(last, name, found.get(name));
      return true;
    } catch (error) {
      if (!isRefused(error)) throw error;
      return false;
    }
  };

  const readFresh = async (names: readonly string[]) => {
    const queue = toBatches(names);
    let refusedCalls = 0;
    for (let batch = queue.shift(); batch; batch = queue.shift()) {
      if (await tryBatch(batch)) continue;
      refusedCalls += 1;
      const parts = split(batch, firstPauseMs);
      if (parts.length > 1 && refusedCalls <= maxRefusedCalls) queue.push(...halve(batch));
      else suspects.push(...parts);
    }
  };

  const retryOne = async () => {
    const due = suspects.find(({ retryAtMs }) => retryAtMs <= now());
    if (!due) return;
    const isAnswered = await tryBatch(due.names);
    suspects = suspects.filter((group) => group !== due);
    if (isAnswered) return;
    // Behind the others, so that each has its turn.
    suspects.push(...split(due.names, Math.min(longestPauseMs, 2 * due.pauseMs)));
  };

  /** A name that is refused alone has no value any more, and rests; of several each half is due at once. */
  function split(names: readonly string[], pauseMs: number): Suspects[] {
    const [only, ...more] = names;
    if (only !== undefined && more.length === 0) {
      last.delete(only);
      return [{ names, isDecided: true, retryAtMs: now() + pauseMs, pauseMs }];
    }
    return halve(names).map((half) => ({
      names: half,
      isDecided: false,
      retryAtMs: 0,
      pauseMs: firstPauseMs / 2,
    }));
  }

  const read = async (names: readonly string[], retry: () => Promise<void>) => {
    const suspected = new Set(suspects.flatMap((group) => group.names));
    let failure: unknown;
    try {
      await readFresh(names.filter((name) => !suspected.has(name)));
      if (suspected.size > 0) await retry();
    } catch (error) {
      failure = error;
    }
    const open = suspects.filter(({ isDecided }) => !isDecided);
    return { values: last, failure, undecided: new Set(open.flatMap((group) => group.names)) };
  };

  return {
    readAll(names, all = names) {
      const wanted = new Set(all);
      for (const name of last.keys()) if (!wanted.has(name)) last.delete(name);
      suspects = suspects
        .map((group) => ({ ...group, names: group.names.filter((name) => wanted.has(name)) }))
        .filter((group) => group.names.length > 0);
      return read([...new Set(names)], retryOne);
    },
    readMore: (names) => read([...new Set(names)], async () => {}),
    forget(names) {
      suspects = suspects
        .map((group) => ({
          ...group,
          names: group.names.filter((name) => !names.includes(name)),
        }))
        .filter((group) => group.names.length > 0);
    },
  };
}

/** @returns whether an error is about what was asked for, and not about who asks, or when */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof AwsServiceError) || error.status >= 500 || isThrottled(error))
    return false;
  return /^(AccessDenied|InvalidKeyId|KMS|Parameter|UnsupportedParameter|Validation)/.test(
    error.type,
  );
}

function keep<T>(values: Map<string, T>, name: string, value: T | undefined): void {
  if (value === undefined) values.delete(name);
  else values.set(name, value);
}

function toBatches(names: readonly string[]): (readonly string[])[] {
  const batches: (readonly string[])[] = [];
  for (let start = 0; start < names.length; start += namesPerCall) {
    batches.push(names.slice(start, start + namesPerCall));
  }
  return batches;
}

function halve(names: readonly string[]): [readonly string[], readonly string[]] {
  const middle = Math.ceil(names.length / 2);
  return [names.slice(0, middle), names.slice(middle)];
}
