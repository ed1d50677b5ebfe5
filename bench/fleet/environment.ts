/** An environment of the proxy: the product's own table source, frozen by Lambda between requests. */
import { createTableSource } from '../../functions/proxy/routes/refresh.ts';
import type { ServedTable } from '../../functions/proxy/routes/served-table.ts';
import type { World } from './world.ts';

/** Runs what was waiting for the environment: at once, or at its next thaw. */
export type Resume = (run: () => void) => void;

/** What an environment reads its table with. */
export interface Reading<T extends ServedTable> {
  load(previous: T | undefined): Promise<T>;
  /** Version that this table has of a document. */
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

/** What became of its requests and of the edits. */
export interface EnvironmentRecord {
  served: number;
  refused: number;
  /** From the start of INIT until there was a table; undefined when there never was. */
  firstTableMs: number | undefined;
  /** Of each edit that came into force here, in order. */
  readonly editMs: number[];
  /** Highest age of a table that a request was served with. */
  maxAgeMs: number;
}

const refreshMs = 10_000;
/** How long the environment is awake for a request: what an upstream takes. */
const requestMs = 200;

/** Starts it in virtual time. @returns its record, which goes on being written */
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
    onTable(table) {
      record.firstTableMs ??= clock.now() - startMs;
      for (let edit = edits[seen]; edit; edit = edits[seen]) {
        if (reading.versionOf(table, edit.name) < edit.version) break;
        seen += 1;
        // What was edited before it began is no news to it.
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

/** @returns the promise's own result, as soon as the environment is awake to take it */
export function whenAwake<T>(promise: Promise<T>, resume: Resume): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => resume(() => resolve(value)),
      (error: unknown) => resume(() => reject(error)),
    );
  });
}
