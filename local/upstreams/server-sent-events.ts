import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamedAnswer } from '../invoke.ts';

/** How the events come. */
export interface EventsOptions {
  /** @default 5 */
  readonly count?: number;
  /** Between two events. @default 500 */
  readonly intervalMs?: number;
  /** Called before each event but the first, in place of the pause: a test's own clock. */
  readonly pause?: (eventNumber: number) => Promise<void>;
}

/** Demo upstream: Server-Sent Events a bit apart, each sent as soon as it is there. */
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
