/** Which node an attempt goes to: health and priority say which may be chosen, and the algorithm chooses among these. */
import type { Health } from './health.ts';
import type { Picker, Weighted } from './node.ts';

/** What is remembered of an upstream between requests, in one environment. */
export interface BalanceState {
  readonly picker: Picker;
  /** Undefined without checks. */
  readonly health: Health | undefined;
}

/** What the choice for one request depends on. */
export interface Choosing<T extends Weighted> {
  /** At least one. */
  readonly nodes: readonly T[];
  /** Nodes that have had the request. */
  readonly tried: ReadonlySet<T>;
  readonly key: string;
}

/** @returns a node that has not had the request; one of all nodes when each has had it */
export function chooseNode<T extends Weighted>(
  { picker, health }: BalanceState,
  { nodes, tried, key }: Choosing<T>,
): T {
  const isNew = (node: T) => !tried.has(node);
  const awake = health ? nodes.filter(({ name }) => !health.isResting(name)) : nodes;
  const candidates = [awake.filter(isNew), nodes.filter(isNew), awake, nodes].find(
    ({ length }) => length > 0,
  );
  if (!candidates) throw new Error('an upstream without nodes is not called');
  return picker.pick(toFirst(candidates), key);
}

/** @returns the nodes of the highest priority */
export function toFirst<T extends Weighted>(nodes: readonly T[]): readonly T[] {
  const highest = Math.max(...nodes.map(({ priority }) => priority));
  return nodes.filter(({ priority }) => priority === highest);
}
