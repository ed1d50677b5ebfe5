/** An environment of the proxy, with the product's own table source. Lambda freezes it between requests. */
import { createTableSource } from '../../functions/proxy/routes/refresh.ts';
import type { ServedTable } from '../../functions/proxy/routes/served-table.ts';
import type { World } from './world.ts';

/** Runs code that waits for the environment: at once, or at the next thaw. */
export type Resume = (run: () => void) => void;

/** The table reader of an environment. */
export interface Reading<T extends ServedTable> {
  load(previous: T | undefined): Promise<T>;
  /** The version of a document in this table. */
  versionOf(table: T, name: string): number;
}

export interface EnvironmentOptions<T extends ServedTable> {
  readonly world: World;
  readonly startMs: number;
  readonly endMs: number;
  /** Between two requests. */
  readonly requestEveryMs: number;
  readonly createReading: (resume: Resume) => Reading<T>;
}

/** The results of an environment's requests and of the edits. */
export interface EnvironmentRecord {
  served: number;
  refused: number;
  /** Time from the start of INIT until there was a table; undefined if there never was one. */
  firstTableMs: number | undefined;
  /** Time of each edit until it came into force here, in order. */
  readonly editMs: number[];
  /** Highest age of a table that answered a request. */
  maxAgeMs: number;
}

const refreshMs = 10_000;
/** Time that the environment is awake for a request, which is the upstream's response time. */
const requestMs = 200;

/**
 * Starts an environment in virtual time.
 * @returns its record, which grows while it runs
 */
export function startEnvironment<T extends ServedTable>(
  options: EnvironmentOptions<T>,
): EnvironmentRecord {
  const { world, startMs, endMs, requestEveryMs, createReading } = options;
  const { clock, random, edits, parts } = world;
  const record: EnvironmentRecord = {
    ...{ served: 0, refused: 0, firstTableMs: undefined, editMs: [], maxAgeMs: 0 },
  };
  let isAwake = true;
  let waiting: (() => void)[] = [];
  const resume: Resume = (run) => {
    if (isAwake) run();
    else waiting.push(run);
  };
  const reading = createReading(resume);
  let seen = 0;
  const source = createTableSource<T>({
    load: reading.load,
    ...{ intervalMs: refreshMs, now: clock.now, random, log: parts.log },
    sleep: (ms) => new Promise((resolve) => clock.at(clock.now() + ms, () => resume(resolve))),
    later: (callback, ms) => clock.at(clock.now() + ms, () => resume(callback)),
    limit: (promise, ms, onOver) => {
      const isOver = new Promise<void>((resolve) =>
        clock.at(clock.now() + ms, () => resume(resolve)),
      );
      return Promise.race([promise, isOver.then(onOver)]);
    },
    onTable(table) {
      record.firstTableMs ??= clock.now() - startMs;
      for (let edit = edits[seen]; edit; edit = edits[seen]) {
        if (reading.versionOf(table, edit.name) < edit.version) break;
        seen += 1;
        // Edits from before the start of the environment do not count.
        if (edit.atMs >= startMs) record.editMs.push(clock.now() - edit.atMs);
      }
    },
  });
  const request = async () => {
    isAwake = true;
    const woken = waiting;
    waiting = [];
    for (const run of woken) run();
    try {
      await source.current(clock.now() + 300_000);
      record.served += 1;
      record.maxAgeMs = Math.max(record.maxAgeMs, source.ageMs() ?? 0);
    } catch {
      record.refused += 1;
    }
    await clock.sleep(requestMs);
    isAwake = false;
    const nextMs = clock.now() + requestEveryMs * (0.5 + random());
    if (nextMs < endMs) clock.at(nextMs, () => void request());
  };
  clock.at(startMs, () => void source.start().then(request));
  return record;
}

/** @returns the result of the promise, when the environment is awake to take it */
export function whenAwake<T>(promise: Promise<T>, resume: Resume): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => resume(() => resolve(value)),
      (error: unknown) => resume(() => reject(error)),
    );
  });
}
