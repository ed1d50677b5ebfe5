/** A response's body, chunk by chunk as the socket delivers it. */
import type { IncomingMessage } from 'node:http';
import { ProxyError } from '../http/errors.ts';

/** The time limits of a response body, in ms. */
export interface BodyLimits {
  /** Longest silence of the upstream, in ms, while the reader waits for the next chunk. */
  readonly silenceMs: number;
  /** Time until a body that has not ended is cut. */
  readonly remainingMs: number;
}

/** Small chunks are joined up to this size: each that is handed on costs a promise and a write, however short it is. */
const maxJoinedBytes = 16 * 1024;

type Result = IteratorResult<Buffer, undefined>;

interface Waiting {
  resolve(result: Result): void;
  reject(error: Error): void;
}

/**
 * Node's own iterator joins what has come in the meantime, which copies every byte once more; this one hands on the
 * socket's buffers, and joins only small ones that wait already. A reader that waits gets the next one at once. The
 * upstream is read no further while more than one waits, and 16 KiB with them.
 *
 * @returns an iterable to be read once; it throws ProxyError `UPSTREAM_CUT` or `UPSTREAM_TIMEOUT`
 */
export function readBody(
  incoming: IncomingMessage,
  { silenceMs, remainingMs }: BodyLimits,
): AsyncIterableIterator<Buffer, undefined> {
  const queue: Buffer[] = [];
  let queuedBytes = 0;
  let waiting: Waiting | undefined;
  let isEnded = false;
  let failure: ProxyError | undefined;

  const cut = (reason: string) => incoming.destroy(new ProxyError('UPSTREAM_TIMEOUT', reason));
  const deadlineMs = performance.now() + remainingMs;
  // Most bodies arrive with their heads; timers start only when the reader has to wait.
  let deadline: NodeJS.Timeout | undefined;
  let silence: NodeJS.Timeout | undefined;
  const watch = () => {
    silence =
      silence?.refresh() ??
      setTimeout(() => {
        if (waiting) cut(`silent for ${silenceMs} ms inside the body`);
      }, silenceMs);
    deadline ??= setTimeout(
      () => cut("Lambda's deadline is near"),
      Math.max(0, deadlineMs - performance.now()),
    );
  };
  const finish = (error?: ProxyError) => {
    clearTimeout(deadline);
    clearTimeout(silence);
    isEnded = true;
    failure ??= error;
    if (!waiting) return;
    if (failure) waiting.reject(failure);
    else waiting.resolve(done);
    waiting = undefined;
  };
  incoming.on('data', (chunk: Buffer) => {
    if (waiting) {
      waiting.resolve({ done: false, value: chunk });
      waiting = undefined;
    } else {
      queue.push(chunk);
      queuedBytes += chunk.length;
      if (queue.length > 1 && queuedBytes >= maxJoinedBytes) incoming.pause();
    }
  });
  incoming.once('end', () => finish());
  incoming.once('error', (error) => finish(toBodyError(error)));
  incoming.once('close', () => finish(incoming.complete ? undefined : toBodyError(undefined)));

  return {
    async next(): Promise<Result> {
      if (queue.length > 0) {
        const value = takeJoined(queue);
        queuedBytes -= value.length;
        if (queue.length === 0) incoming.resume();
        return { done: false, value };
      }
      if (failure) throw failure;
      if (isEnded) return done;
      watch();
      return new Promise<Result>((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    async return(): Promise<Result> {
      // A reader that stops early must not leave the rest on a kept connection.
      if (!incoming.complete) incoming.destroy();
      finish();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const done: Result = { done: true, value: undefined };

/** @param queue not empty; loses what is taken: the first chunk, and those behind it that fit beside it */
function takeJoined(queue: Buffer[]): Buffer {
  let bytes = 0;
  let count = 0;
  for (const chunk of queue) {
    if (count > 0 && bytes + chunk.length > maxJoinedBytes) break;
    bytes += chunk.length;
    count += 1;
  }
  const taken = queue.splice(0, count);
  return count === 1 ? (taken[0] as Buffer) : Buffer.concat(taken, bytes);
}

function toBodyError(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  return new ProxyError('UPSTREAM_CUT', 'the body ended before it was complete', { cause });
}
