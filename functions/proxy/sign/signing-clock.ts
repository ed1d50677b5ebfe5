import type { Clock } from '../http/time.ts';

/** The clock that dates signatures: the wall clock, corrected by the upstream's `Date` header. */
export interface SigningClock {
  readonly now: Clock;
  /**
   * Takes the time of an upstream that has rejected a signature.
   *
   * @param upstreamMs epoch ms; NaN when the upstream does not tell
   * @returns whether the clock was wrong enough to explain that, and is right now
   */
  correct(upstreamMs: number): boolean;
  /** Back to the wall clock. */
  reset(): void;
}

/** AWS accepts five minutes; the SDKs correct from four on. */
const minSkewMs = 4 * 60_000;
/** No clock of Lambda is wrong by more, so a larger difference is the upstream's fault and is ignored. */
const maxSkewMs = 24 * 60 * 60_000;

/** A frozen environment may thaw with a clock that is behind. */
export function createSigningClock(now: Clock): SigningClock {
  let offsetMs = 0;
  return {
    now: () => now() + offsetMs,
    correct(upstreamMs) {
      const skewMs = Math.abs(upstreamMs - (now() + offsetMs));
      const isBelievable = Math.abs(upstreamMs - now()) <= maxSkewMs;
      if (!(skewMs >= minSkewMs && isBelievable)) return false;
      offsetMs = upstreamMs - now();
      return true;
    },
    reset() {
      offsetMs = 0;
    },
  };
}
