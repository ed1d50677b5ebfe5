/** One line of the results: what was measured, against which baseline, and whether it keeps its budget. */
import { type Spread, toSpread } from './statistics.ts';

export type Unit = 'bytes' | 'µs' | 'ms' | 'MB' | 'MB/s' | 'ns' | '/s' | '$';

export interface Row {
  readonly figure: string;
  readonly what: string;
  readonly unit: Unit;
  readonly measured: Spread;
  readonly baseline?: Baseline;
  /** Median of what was measured over the baseline's median. */
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
  /** One a round. */
  readonly values: readonly number[];
  readonly baseline?: { readonly name: string; readonly values: readonly number[] };
  readonly budget?: Budget;
}

export interface Budget {
  /** In words, as the table shows it. */
  readonly text: string;
  readonly limit: number;
  /** What the limit holds for, from the two medians. */
  readonly of: (measured: number, baseline: number) => number;
}

/** The median itself. */
export const itself = (measured: number): number => measured;
/** How often the baseline fits into what was measured. */
export const ratio = (measured: number, baseline: number): number => measured / baseline;
/** What the proxy adds to the baseline. */
export const added = (measured: number, baseline: number): number => measured - baseline;
/** What the proxy adds, in baselines. */
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
