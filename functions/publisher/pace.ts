/** Paces calls: some at once, then ten a second. An account has 40 calls a second in a Region, for everything that runs there. */
import type { Clock } from '../proxy/http/time.ts';

const burst = 10;
const intervalMs = 100;

/** @returns a function that resolves when the next call may be made */
export function createPace(now: Clock, sleep: (ms: number) => Promise<void>): () => Promise<void> {
  // When the bucket of free calls would be full again.
  let fullAtMs = 0;
  return async () => {
    const nowMs = now();
    fullAtMs = Math.max(fullAtMs, nowMs) + intervalMs;
    const waitMs = fullAtMs - nowMs - burst * intervalMs;
    if (waitMs > 0) await sleep(waitMs);
  };
}
