/** Parameter Store's "slow down", and how to ask again: one call, after a random wait that grows. */
import { AwsServiceError } from '../send/aws-json.ts';

/** How throttled calls are repeated. */
export interface Pacing {
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** @default 18, which with the waits between them take two minutes at most */
  readonly maxTries?: number;
  /** Told after a few tries in a row, once a call. */
  readonly onSlow?: () => void;
}

const firstWaitMs = 200;
const longestWaitMs = 10_000;
const slowTries = 5;

/**
 * Full jitter: many environments are throttled at the same moment, and must not come back at the same moment.
 *
 * @returns what `send` resolves with
 * @throws the last error when every try was throttled, and any other error at once
 */
export async function retryThrottled<T>(
  send: () => Promise<T>,
  { random, sleep, maxTries = 18, onSlow }: Pacing,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isThrottled(error) || tries === maxTries) throw error;
      if (tries === slowTries) onSlow?.();
      await sleep(random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1)));
    }
  }
}

/** @returns whether an error is a throttling error of AWS */
export function isThrottled(error: unknown): boolean {
  if (!(error instanceof AwsServiceError)) return false;
  return (
    error.status === 429 || /Throttl|TooManyUpdates|RequestLimitExceeded|SlowDown/.test(error.type)
  );
}
