import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamedAnswer } from '../invoke.ts';

/** Number and pace of the events. */
export interface EventsOptions {
  /** @default 5 */
  readonly count?: number;
  /**
   * Pause between two events.
   * @default 500
   */
  readonly intervalMs?: number;
  /** Called before each event except the first, instead of the pause. Tests use it as a clock. */
  readonly pause?: (eventNumber: number) => Promise<void>;
}

/** A demo upstream that sends Server-Sent Events, each as soon as it exists. */
export function createServerSentEvents(options: EventsOptions = {}): () => StreamedAnswer {
  const { count = 5, intervalMs = 500 } = options;
  const pause = options.pause ?? (() => sleep(intervalMs));
  async function* events(): AsyncGenerator<string> {
    for (let number = 1; number <= count; number += 1) {
      if (number > 1) {
        await pause(number);
      }
      yield `id: ${number}\nevent: tick\ndata: {"number":${number},"of":${count}}\n\n`;
    }
  }
  return () => ({
    statusCode: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
    body: events(),
  });
}
