/** Decides when a call to AWS is repeated, and after which pause. */
import type { Attempt } from './parameters.ts';

export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface PatienceOptions {
  readonly clock: Clock;
  /** The deadline of all calls, by the clock. */
  readonly deadline: number;
  /** How long refused calls are repeated after the first refusal, because a new policy takes effect after a delay. */
  readonly deniedMs: number;
}

const shortestGapMs = 350;
const longestGapMs = 3000;
const firstWaitMs = 250;
const longestWaitMs = 5000;
const maxFailures = 5;

/**
 * A throttled call is repeated until the deadline, and later calls of its operation keep a distance from then on:
 * Parameter Store takes only a few PutParameter a second. A refused one is repeated for `deniedMs` after the first refusal
 * of all, one that broke on the way or in AWS a few times. Other errors are thrown.
 */
export function createPatience({ clock, deadline, deniedMs }: PatienceOptions): Attempt {
  const gaps = new Map<string, number>();
  let deniedUntil: number | undefined;

  const widen = (operation: string): number => {
    const gap = Math.max(shortestGapMs, (gaps.get(operation) ?? 0) * 2);
    gaps.set(operation, Math.min(longestGapMs, gap));
    return Math.min(longestGapMs, gap);
  };
  /** @returns the pause before the next attempt; undefined if another attempt is useless */
  const findWaitMs = (error: unknown, operation: string, failures: number) => {
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** failures);
    if (isThrottled(error)) return widen(operation);
    if (isDenied(error)) {
      deniedUntil ??= clock.now() + deniedMs;
      if (clock.now() + wait <= deniedUntil) return wait;
      // The policy has not taken effect in this time, so the next refused call does not wait.
      deniedUntil = 0;
      return undefined;
    }
    return isTransient(error) && failures < maxFailures ? wait : undefined;
  };

  return async (operation, call) => {
    const gap = gaps.get(operation);
    if (gap !== undefined) await clock.sleep(gap);
    for (let failures = 0; ; failures += 1) {
      try {
        return await call();
      } catch (error) {
        const wait = findWaitMs(error, operation, failures);
        if (wait === undefined || clock.now() + wait > deadline) throw error;
        await clock.sleep(wait);
      }
    }
  };
}

/** Whether IAM refused the call. */
export function isDenied(error: unknown): error is Error {
  return error instanceof Error && error.name === 'AccessDeniedException';
}

function isThrottled(error: unknown): boolean {
  const names = ['ThrottlingException', 'TooManyUpdates', 'RequestLimitExceeded'];
  return error instanceof Error && names.includes(error.name);
}

/** Whether AWS failed or did not answer. Refused calls have a status from 400 to 499. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const { code } = error as NodeJS.ErrnoException;
  if (metadata?.httpStatusCode !== undefined) return metadata.httpStatusCode >= 500;
  return error.name === 'TimeoutError' || /^E[A-Z]+$/.test(code ?? '');
}
