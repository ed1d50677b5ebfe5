/**
 * `ewma`: of two nodes that are chosen by chance, the one whose responses came faster of late. The average is weighted by age
 * (exponentially weighted moving average); as in APISIX, weights of nodes do not count.
 */
import type { Clock } from '../../http/time.ts';
import type { Picker, Weighted } from './node.ts';

/** After this time a measurement counts for a third (1/e). */
const decayMs = 10_000;
/** An attempt without a response counts as one that took this long: a node that refuses connections is fast. */
const failedMs = 1000;

interface Average {
  readonly ms: number;
  readonly atMs: number;
}

/** @param random from 0 up to 1 */
export function createEwma(now: Clock, random: () => number): Picker {
  const averages = new Map<string, Average>();
  const freshnessOf = (average: Average) => Math.exp(-Math.max(0, now() - average.atMs) / decayMs);
  const scoreOf = ({ name }: Weighted) => {
    const average = averages.get(name);
    return average ? average.ms * freshnessOf(average) : 0;
  };
  return {
    pick<T extends Weighted>(candidates: readonly T[]): T {
      const first = Math.floor(random() * candidates.length);
      const other = Math.floor(random() * (candidates.length - 1));
      const one = candidates[first];
      const another = candidates[other < first ? other : other + 1];
      if (!one) throw new Error('there is no node to choose');
      return another && scoreOf(another) < scoreOf(one) ? another : one;
    },
    measure(name, { tookMs, hasFailed }) {
      const countedMs = hasFailed ? Math.max(tookMs, failedMs) : tookMs;
      const average = averages.get(name);
      const share = average ? freshnessOf(average) : 0;
      averages.set(name, {
        ms: (average?.ms ?? 0) * share + countedMs * (1 - share),
        atMs: now(),
      });
    },
  };
}
