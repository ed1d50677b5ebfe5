/** Calls that were under way when Lambda froze the environment. */
import type { Clock } from '../http/time.ts';

/** How often one call may be caught by a freeze before it is given up. */
const maxThaws = 5;
/** Longer than any timeout of a call to an AWS service that is retried here. */
const freezeMs = 6000;

/**
 * A call that was under way when the environment froze is over when it thaws, by its timer or by its connection. It is
 * made again, or a tree of many pages would begin at the first one with each thaw and never be read to its end.
 */
export async function retryAfterThaw<T>(
  send: () => Promise<T>,
  now: Clock,
  timeoutMs = freezeMs,
): Promise<T> {
  for (let thaws = 0; ; thaws += 1) {
    const beganMs = now();
    try {
      return await send();
    } catch (error) {
      const wasFrozen = now() - beganMs > timeoutMs;
      if (!wasFrozen || thaws === maxThaws) throw error;
    }
  }
}
