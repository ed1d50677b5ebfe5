/** Reads the lines of a log group in order, each once, as they arrive. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CloudWatchLogsClient,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';

/** The log group, and the start time. */
export interface FollowOptions {
  readonly client: CloudWatchLogsClient;
  readonly logGroup: string;
  readonly pattern: string;
  /** Epoch ms. */
  readonly sinceMs: number;
  /** Polls for new events. */
  readonly isFollowing: boolean;
  /** Ends the reading without an error. */
  readonly signal: AbortSignal;
  /** Pause between two calls. */
  readonly pauseMs: number;
}

/**
 * Events of several streams arrive out of order. Each call asks again for events of this time before the newest one.
 */
const overlapMs = 60_000;

/** Yields the messages of a log group (CloudWatch Logs API: `FilterLogEvents`), each once, until `signal` aborts. */
export async function* followLog(options: FollowOptions): AsyncGenerator<string> {
  const { isFollowing, signal, pauseMs } = options;
  let startMs = options.sinceMs;
  let newestMs = options.sinceMs;
  let seen = new Map<string, number>();
  while (!signal.aborted) {
    for await (const { id, timeMs, message } of readEvents(options, startMs)) {
      if (seen.has(id)) continue;
      seen.set(id, timeMs);
      newestMs = Math.max(newestMs, timeMs);
      yield message;
    }
    if (!isFollowing) return;
    startMs = Math.max(options.sinceMs, newestMs - overlapMs);
    seen = new Map([...seen].filter(([, timeMs]) => timeMs >= startMs));
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}

interface LogEvent {
  readonly id: string;
  readonly timeMs: number;
  readonly message: string;
}

async function* readEvents(
  { client, logGroup, pattern, signal }: FollowOptions,
  startMs: number,
): AsyncGenerator<LogEvent> {
  const input = { logGroupName: logGroup, filterPattern: pattern, startTime: startMs };
  try {
    for await (const page of paginateFilterLogEvents({ client }, input, { abortSignal: signal })) {
      for (const { eventId = '', timestamp = 0, message = '' } of page.events ?? []) {
        yield { id: eventId, timeMs: timestamp, message: message.trimEnd() };
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
