/** Publishing again after a failure, for as long as IAM may not have heard of the role's policy. */
import type { Clock } from '../create-route/patience.ts';

export interface PublishPatience {
  readonly clock: Clock;
  /** When it has to be over, by the clock. */
  readonly deadline: number;
}

/** IAM tells all of AWS about a new policy within seconds, and at times within a minute. */
const propagationMs = 75_000;
const firstWaitMs = 500;
const longestWaitMs = 8000;

/**
 * Every failure is tried again: a publication that is made twice is the same, and throttling passes as a new policy
 * arrives.
 *
 * @throws what the last try threw, {@link propagationMs} after the first failure
 */
export async function publishPatiently<T>(
  publish: () => Promise<T>,
  { clock, deadline }: PublishPatience,
): Promise<T> {
  let until: number | undefined;
  for (let failures = 0; ; failures += 1) {
    try {
      return await publish();
    } catch (error) {
      until ??= Math.min(deadline, clock.now() + propagationMs);
      const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** failures);
      if (clock.now() + waitMs > until) throw error;
      await clock.sleep(waitMs);
    }
  }
}
