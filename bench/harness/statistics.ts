/** Computes medians and quartiles, so that one slow round does not decide a figure. */

/** The results of several rounds, in the unit of their row. */
export interface Spread {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
  readonly rounds: number;
}

/** @param values one value for each round, in any order; at least one */
export function toSpread(values: readonly number[]): Spread {
  return {
    median: toPercentile(values, 0.5),
    p25: toPercentile(values, 0.25),
    p75: toPercentile(values, 0.75),
    rounds: values.length,
  };
}

/** @returns the value below which `share` (0 to 1) of the values lie, interpolated */
export function toPercentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error('a figure without any round');
  return below + (above - below) * (place - Math.floor(place));
}
