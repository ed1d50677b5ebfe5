/** Large tables and long property runs: whole in CI, and a part of them on a developer's machine. */
import { processEnv } from '../../local/process-env.ts';

/** `CI=true npm test` runs all. */
const isWhole = Boolean(processEnv['CI']);
const share = 4;

/** @returns all items in CI, else every fourth one from a place that changes with each run */
export function sample<T>(items: readonly T[]): readonly T[] {
  if (isWhole) return items;
  const offset = Math.floor(Math.random() * share);
  return items.filter((_, index) => index % share === offset);
}

/** @returns the number of property runs: all in CI, else a fourth */
export function toRuns(whole: number): number {
  return isWhole ? whole : Math.ceil(whole / share);
}
