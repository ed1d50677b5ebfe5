/** Which mutant is awake, which ones a test comes past, and how often. */

/** The switch that instrumented sources read. */
export interface MutantSwitch {
  /** Wakes one mutant, or none; more than `limit` questions are a loop that never ends. */
  wake(id: number | undefined, limit: number): void;
  /** Counts from now on, with no mutant awake. More than `limit` questions throw. @default no limit */
  record(limit?: number): void;
  /** What was asked for since `record`. */
  recorded(): { readonly hits: ReadonlySet<number>; readonly calls: number };
}

/** Defines the global that instrumented sources ask. */
export function createSwitch(): MutantSwitch {
  let awake: number | undefined;
  let limit = Number.POSITIVE_INFINITY;
  let calls = 0;
  let hits: Set<number> | undefined;
  const isAwake = (id: number) => {
    calls += 1;
    if (calls > limit) throw new Error('a loop that never ends');
    hits?.add(id);
    return id === awake;
  };
  Object.assign(globalThis, { __mutant: isAwake });
  return {
    wake: (id, most) => {
      [awake, limit, calls, hits] = [id, most, 0, undefined];
    },
    record: (most = Number.POSITIVE_INFINITY) => {
      [awake, limit, calls, hits] = [undefined, most, 0, new Set()];
    },
    recorded: () => ({ hits: hits ?? new Set(), calls }),
  };
}
