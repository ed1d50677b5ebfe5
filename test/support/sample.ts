/** Large tables and long property runs: a part of them in `npm test`, all of them in `.ci/run`. */
import { processEnv } from '../../local/process-env.ts';

/** `COUNTERSIGN_TESTS=whole npm test` runs all. */
export const isWhole = readExtent() === 'whole';
const share = 8;

/**
 * A test that costs much, and varies one that each run has: skipped in a sampled run. There is none outside of Jest, where
 * `npm run pictures` reads `isWhole` alone.
 */
export const wholeTest = (isWhole ? globalThis.test : globalThis.test?.skip) as jest.It;

/** @returns all items in a whole run, else every eighth one, and at least one, from a place that changes with each run */
export function sample<T>(items: readonly T[]): readonly T[] {
  if (isWhole) return items;
  const offset = Math.floor(Math.random() * Math.min(share, items.length));
  return items.filter((_, index) => index % share === offset);
}

/**
 * @param part the share of a sampled run, for properties that are costly. @default 1/8
 * @returns the number of property runs: all in a whole run, else that share of them
 */
export function toRuns(whole: number, part = 1 / share): number {
  return isWhole ? whole : Math.ceil(whole * part);
}

function readExtent(): 'sampled' | 'whole' {
  const extent = processEnv['COUNTERSIGN_TESTS'] || 'sampled';
  if (extent === 'sampled' || extent === 'whole') return extent;
  throw new Error(`COUNTERSIGN_TESTS: found ${extent}, expected sampled or whole`);
}
