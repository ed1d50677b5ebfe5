/** Pseudo-random numbers that are the same in each run. */

/** @returns numbers from 0 up to 1 (mulberry32) */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A distribution with a long tail: half of the values are below the median, and one in a hundred is above `p99Ms`. */
export interface Latency {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** @returns a latency from a log-normal distribution */
export function drawLatency({ medianMs, p99Ms }: Latency, random: () => number): number {
  const sigma = Math.log(p99Ms / medianMs) / 2.326;
  // Box and Muller's transform of two uniform numbers into a normal one.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return medianMs * Math.exp(sigma * normal);
}
