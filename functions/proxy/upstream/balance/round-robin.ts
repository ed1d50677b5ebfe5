/** `roundrobin`: nginx's smooth weighted round robin. A heavy node's turns are spread among those of the others. */
import type { Picker, Weighted } from './node.ts';

/** More turns than this do not spread the first requests of new environments any better. */
const maxFirstTurns = 1000;

/**
 * Environments share no memory, so each begins at a turn of its own: if all began at the first one, a fleet of short-lived
 * environments would send most requests to the heaviest node.
 *
 * The turns begin with the first request: thousands of routes may have an upstream of hundreds of nodes, and most get none.
 *
 * @param first nodes that the turns begin with
 * @param random from 0 up to 1
 */
export function createRoundRobin(first: readonly Weighted[], random: () => number): Picker {
  const current = new Map<string, number>();
  const pick = <T extends Weighted>(candidates: readonly T[]): T => {
    let best: T | undefined;
    let bestWeight = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const node of candidates) {
      const weight = (current.get(node.name) ?? 0) + node.weight;
      current.set(node.name, weight);
      total += node.weight;
      if (weight > bestWeight) {
        best = node;
        bestWeight = weight;
      }
    }
    if (!best) throw new Error('there is no node to choose');
    current.set(best.name, bestWeight - total);
    return best;
  };
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    const turns = Math.floor(random() * Math.min(countTurns(first), maxFirstTurns));
    for (let turn = 0; turn < turns; turn += 1) pick(first);
  };
  return {
    pick<T extends Weighted>(candidates: readonly T[]): T {
      if (!hasBegun) begin();
      return pick(candidates);
    },
  };
}

/** @returns after how many turns the order begins again */
function countTurns(nodes: readonly Weighted[]): number {
  const weights = nodes.map(({ weight }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total / weights.reduce(toCommonDivisor, 0) || 0;
}

function toCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : toCommonDivisor(b, a % b);
}
