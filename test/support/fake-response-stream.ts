/** Lambda's response stream as in aws-lambda-ric 4, without a network. */
import { EventEmitter } from 'node:events';
import type { OpenStream, Prelude, ResponseStream } from '../../functions/proxy/relay.ts';

export interface FakeResponseStream extends ResponseStream {
  readonly open: OpenStream;
  /** The arguments of `HttpResponseStream.from`. The prelude is sent with the first write only. */
  readonly sent: () => { readonly prelude: Prelude | undefined; readonly body: Buffer };
  readonly isEnded: () => boolean;
  /** Takes the buffered bytes as a reader does, and emits `drain`. */
  drain(): void;
  readonly waitingForDrain: () => number;
  emit(event: string, ...args: unknown[]): boolean;
}

interface FakeResponseStreamOptions {
  /**
   * Number of bytes before `write` returns false.
   * @default unlimited
   */
  readonly highWaterMark?: number;
  /** Whether `end()` finishes at once. @default true */
  readonly finishes?: boolean;
}

export function createFakeResponseStream({
  highWaterMark = Number.POSITIVE_INFINITY,
  finishes = true,
}: FakeResponseStreamOptions = {}): FakeResponseStream {
  const emitter = new EventEmitter();
  const chunks: Buffer[] = [];
  let given: Prelude | undefined;
  let sentPrelude: Prelude | undefined;
  let buffered = 0;
  let isEnded = false;
  let isFinished = false;
  const stream: FakeResponseStream = {
    open(target, prelude) {
      given = prelude;
      return target;
    },
    write(chunk) {
      if (isEnded) throw new Error('write after end');
      sentPrelude = given;
      const bytes = Buffer.from(chunk as string);
      chunks.push(bytes);
      buffered += bytes.length;
      return buffered < highWaterMark;
    },
    end() {
      isEnded = true;
      if (!finishes) return;
      queueMicrotask(() => {
        isFinished = true;
        emitter.emit('finish');
        emitter.emit('close');
      });
    },
    get writableFinished() {
      return isFinished;
    },
    once: (event, listener) => emitter.once(event, listener),
    on: (event, listener) => emitter.on(event, listener),
    emit: (event, ...args) => emitter.emit(event, ...args),
    drain() {
      buffered = 0;
      emitter.emit('drain');
    },
    waitingForDrain: () => emitter.listenerCount('drain'),
    sent: () => ({ prelude: sentPrelude, body: Buffer.concat(chunks) }),
    isEnded: () => isEnded,
  };
  return stream;
}
