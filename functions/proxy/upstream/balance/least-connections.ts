/** `least_conn`: the node with the fewest requests under way, for its weight. */
import type { Picker, Weighted } from './node.ts';

/** @param ties chooses among nodes with equally few: most environments have one request at a time, and then all nodes are idle */
export function createLeastConnections(ties: Picker): Picker {
  const active = new Map<string, number>();
  const add = (name: string, change: number) =>
    active.set(name, Math.max(0, (active.get(name) ?? 0) + change));
  return {
    pick<T extends Weighted>(candidates: readonly T[], key: string): T {
      const loadOf = ({ name, weight }: Weighted) => (active.get(name) ?? 0) / weight;
      const least = Math.min(...candidates.map(loadOf));
      return ties.pick(
        candidates.filter((node) => loadOf(node) === least),
        key,
      );
    },
    begin: (name) => add(name, 1),
    end: (name) => add(name, -1),
  };
}
