/** A row of the results: measurement, baseline and budget. */
import { type Spread, toSpread } from './statistics.ts';

export type Unit = 'bytes' | 'µs' | 'ms' | 'MB' | 'MB/s' | 'ns' | '/s' | '$';

export interface Row {
  readonly figure: string;
  readonly what: string;
  readonly unit: Unit;
  readonly measured: Spread;
  readonly baseline?: Baseline;
  /** Median of the measurement divided by the baseline's median. */
  readonly ratio?: number;
  readonly verdict?: Verdict;
}

export interface Baseline {
  readonly name: string;
  readonly measured: Spread;
}

export interface Verdict {
  readonly budget: string;
  readonly limit: number;
  readonly value: number;
  readonly isMet: boolean;
}

export interface RowOptions {
  readonly figure: string;
  readonly what: string;
  readonly unit: Unit;
  /** One value for each round. */
  readonly values: readonly number[];
  readonly baseline?: { readonly name: string; readonly values: readonly number[] };
  readonly budget?: Budget;
}

export interface Budget {
  /** The budget as text for the table. */
  readonly text: string;
  readonly limit: number;
  /** The value that the limit applies to, from the two medians. */
  readonly of: (measured: number, baseline: number) => number;
}

/** Applies the limit to the median itself. */
export const itself = (measured: number): number => measured;
/** Applies the limit to the ratio of measurement and baseline. */
export const ratio = (measured: number, baseline: number): number => measured / baseline;
/** Applies the limit to the difference of measurement and baseline. */
export const added = (measured: number, baseline: number): number => measured - baseline;
/** Applies the limit to the difference, divided by the baseline. */
export const addedRatio = (measured: number, baseline: number): number => measured / baseline - 1;

export function toRow({ figure, what, unit, values, baseline, budget }: RowOptions): Row {
  const measured = toSpread(values);
  const beside = baseline && { name: baseline.name, measured: toSpread(baseline.values) };
  return {
    figure,
    what,
    unit,
    measured,
    ...(beside ? { baseline: beside, ratio: measured.median / beside.measured.median } : {}),
    ...(budget ? { verdict: toVerdict(budget, measured, beside?.measured) } : {}),
  };
}

function toVerdict(
  { text, limit, of }: Budget,
  measured: Spread,
  baseline: Spread | undefined,
): Verdict {
  const value = of(measured.median, baseline?.median ?? 0);
  return { budget: text, limit, value, isMet: value <= limit };
}
