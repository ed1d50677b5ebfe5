import type { Clock } from '../types.ts';

/** The clock that signatures are dated by: the wall clock, corrected by what upstreams say. */
export interface SigningClock {
  now: Clock;
  /**
   * Takes the time of an upstream that has rejected a signature.
   *
   * @returns whether the clock was wrong enough to explain that, and is right now
   */
  correct(upstreamMs: number): boolean;
}

/** AWS accepts five minutes; the SDKs correct from four on. */
const mostSkewMs = 4 * 60_000;

/** A frozen environment may thaw with a clock that is behind: one correction serves every route. */
export function createSigningClock(now: Clock): SigningClock {
  let offsetMs = 0;
  return {
    now: () => now() + offsetMs,
    correct(upstreamMs) {
      if (Math.abs(upstreamMs - (now() + offsetMs)) < mostSkewMs) return false;
      offsetMs = upstreamMs - now();
      return true;
    },
  };
}
