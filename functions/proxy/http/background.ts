/** Work beside requests, in short slices: a request that has just arrived goes first. */
import type { Clock } from './time.ts';

/** Resolves when the next slice of work may run. Before it, everything else that waits for the event loop has its turn. */
export type Turn = () => Promise<void>;

/** Requests, and work that no request waits for. */
export interface Background {
  /**
   * A request arrives.
   * @returns what to call after the last byte of its response
   */
  enter(): () => void;
  /** Work begins. It waits for young requests, for a second at most. */
  begin(): Turn;
  /** A request waits for the work that is under way, so the work no longer waits for requests. */
  hurry(): void;
}

/** What the background is made of. Time is injected, so that tests need none. */
export interface BackgroundOptions {
  readonly now: Clock;
  /** Resolves after one turn of the event loop. */
  readonly nextTurn: Turn;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * While a request is this young, work has one slice beside it. A request that is older waits for its upstream most of the time,
 * which costs nothing, and then each slice is shorter than the jitter of a network.
 */
const youngMs = 5;
/**
 * Work that began waits for requests no longer than this by the clock. Lambda freezes an environment after each response, and one with
 * constant load has a young request at any time: both must take an edit in time.
 */
const maxStandingBackMs = 1000;

/** @returns after one turn of the event loop: sockets that are ready were read, and timers that are due have run */
export const nextTurn: Turn = () => new Promise((resolve) => setImmediate(resolve));

/** Creates the background of an environment. Nothing is under way. */
export function createBackground({ now, nextTurn, sleep }: BackgroundOptions): Background {
  let inFlight = 0;
  let enteredMs = 0;
  /** Whether the youngest request has let a slice run already. */
  let hasYielded: boolean | undefined;
  let isAwaited: boolean | undefined;
  let wake = () => {};
  const toYoungMs = () => (inFlight === 0 ? 0 : enteredMs + youngMs - now());
  const isHeldBack = (untilMs: number) =>
    hasYielded && !isAwaited && toYoungMs() > 0 && now() < untilMs;
  const waitForChange = () => {
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    return Promise.race([changed, sleep(toYoungMs())]);
  };
  return {
    enter() {
      inFlight += 1;
      enteredMs = now();
      hasYielded = false;
      return () => {
        inFlight -= 1;
        wake();
      };
    },
    begin() {
      const untilMs = now() + maxStandingBackMs;
      isAwaited = false;
      return async () => {
        await nextTurn();
        while (isHeldBack(untilMs)) {
          await waitForChange();
          await nextTurn();
        }
        hasYielded = true;
      };
    },
    hurry() {
      isAwaited = true;
      wake();
    },
  };
}
