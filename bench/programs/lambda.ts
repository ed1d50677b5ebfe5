/** The part of Lambda's runtime that a streaming handler uses, with the behaviour of aws-lambda-ric. */

export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type Handler = (
  event: unknown,
  stream: ResponseSink,
  context: LambdaContext,
) => Promise<void>;

export const context: LambdaContext = {
  awsRequestId: '8f5a7c1e-0b1d-4c55-9f3a-2a4be8d7c001',
  getRemainingTimeInMillis: () => 900_000,
};

/** Sets the global `awslambda`, loads a built handler, and waits until its INIT work is done. */
export async function loadHandler(path: string): Promise<Handler> {
  (globalThis as { awslambda?: unknown }).awslambda = {
    streamifyResponse: (handler: Handler) => handler,
    HttpResponseStream: {
      from(stream: ResponseSink, prelude: unknown) {
        stream.openWith(prelude);
        return stream;
      },
    },
  };
  const module = (await import(path)) as { readonly handler: Handler };
  return module.handler;
}

export interface SinkOptions {
  /** Called once, with the first byte of the body. */
  readonly onFirstByte?: () => void;
  /** Reading speed of the client; undefined if it takes everything at once. */
  readonly bytesPerMs?: number | undefined;
}

const highWaterMark = 64 * 1024;

/**
 * Lambda's response stream: the prelude is sent with the first write, and `write` returns false when the writer must
 * wait for `drain`.
 */
export class ResponseSink {
  bytes = 0;
  writableFinished = false;
  #prelude: unknown;
  #isOpen = false;
  #isEnding = false;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Bytes that the reader could have taken, and that have not been written yet. */
  #credit = 0;
  readonly #listeners = new Map<string, ((...args: unknown[]) => void)[]>();
  readonly #options: SinkOptions;

  constructor(options: SinkOptions = {}) {
    this.#options = options;
  }

  openWith(prelude: unknown): void {
    this.#prelude = prelude;
  }

  write(chunk: string | Uint8Array): boolean {
    if (!this.#isOpen) {
      this.#isOpen = true;
      JSON.stringify(this.#prelude);
    }
    if (chunk.length === 0) return true;
    if (this.bytes === 0) this.#options.onFirstByte?.();
    this.bytes += chunk.length;
    if (this.#options.bytesPerMs === undefined || typeof chunk === 'string') return true;
    // Kept in memory, as in a real stream, so that a writer that ignores `false` uses memory.
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waiting.length === 1) this.#takeLater();
    return this.#waitingBytes < highWaterMark;
  }

  end(): void {
    this.#isEnding = true;
    if (this.#waiting.length === 0) process.nextTick(() => this.#finish());
  }

  on(event: string, listener: (...args: unknown[]) => void): this {
    const listeners = this.#listeners.get(event) ?? [];
    this.#listeners.set(event, [...listeners, listener]);
    return this;
  }

  once(event: string, listener: (...args: unknown[]) => void): this {
    return this.on(event, listener);
  }

  /** Takes bytes by time, so that many small chunks cost as much as a few large ones. */
  #takeLater(): void {
    const { bytesPerMs = Number.POSITIVE_INFINITY } = this.#options;
    const sinceMs = performance.now();
    setTimeout(() => {
      this.#credit += (performance.now() - sinceMs) * bytesPerMs;
      for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
        if (next.length > this.#credit) {
          this.#takeLater();
          return;
        }
        this.#waiting.shift();
        this.#credit -= next.length;
        this.#waitingBytes -= next.length;
      }
      this.#credit = 0;
      if (this.#isEnding) this.#finish();
      else this.#emit('drain');
    }, 1);
  }

  #finish(): void {
    this.writableFinished = true;
    this.#emit('finish');
    this.#emit('close');
  }

  /** Calls every listener of a name once and removes it, which is enough for the users of these streams. */
  #emit(event: string): void {
    const listeners = this.#listeners.get(event) ?? [];
    this.#listeners.delete(event);
    for (const listener of listeners) listener();
  }
}
