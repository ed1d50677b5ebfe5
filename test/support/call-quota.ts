/** Parameter Store's quota of calls as a token bucket, for a local store. */
import type { Interception, SsmOperation } from '../../local/parameter-store/parameter-store.ts';

export interface CallQuota {
  /** For the store's `intercept`. */
  readonly intercept: (operation: SsmOperation) => Interception | undefined;
  readonly answered: () => number;
  readonly throttled: () => number;
}

/** @returns an interception that throttles as AWS does: `ThrottlingException`, status 400 */
export function createCallQuota({ callsPerSecond, burst }: QuotaOptions): CallQuota {
  let left = burst;
  let filledAtMs = performance.now();
  let answered = 0;
  let throttled = 0;
  return {
    intercept() {
      const nowMs = performance.now();
      left = Math.min(burst, left + ((nowMs - filledAtMs) * callsPerSecond) / 1000);
      filledAtMs = nowMs;
      if (left < 1) {
        throttled += 1;
        return { type: 'ThrottlingException', message: 'Rate exceeded', status: 400 };
      }
      left -= 1;
      answered += 1;
      return undefined;
    },
    answered: () => answered,
    throttled: () => throttled,
  };
}

interface QuotaOptions {
  readonly callsPerSecond: number;
  readonly burst: number;
}
