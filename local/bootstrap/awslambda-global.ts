import { PRELUDE_CONTENT_TYPE } from '../prelude.ts';
import type { ResponseStream } from './response-stream.ts';

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const DEFAULT_HIGH_WATER_MARK_BYTES = 65_536;

/** An exported handler of either kind. */
export type Handler = ((...args: unknown[]) => unknown) & {
  [STREAMING]?: unknown;
  [HIGH_WATER_MARK]?: unknown;
};

/** Sets `globalThis.awslambda`, as the runtime does before it loads the function's module. */
export function setAwsLambdaGlobal(): void {
  const awslambda = {
    streamifyResponse(handler: Handler, options?: { readonly highWaterMark?: number }): Handler {
      handler[STREAMING] = 'response';
      if (typeof options?.highWaterMark === 'number') {
        handler[HIGH_WATER_MARK] = options.highWaterMark;
      }
      return handler;
    },
    HttpResponseStream: {
      from(stream: ResponseStream, prelude: unknown): ResponseStream {
        stream.setContentType(PRELUDE_CONTENT_TYPE);
        const head = JSON.stringify(prelude);
        stream._onBeforeFirstWrite = (write) => {
          write(head);
          write(new Uint8Array(8));
        };
        return stream;
      },
    },
  };
  Object.assign(globalThis, { awslambda });
}

/** Whether the handler writes to a stream. Throws for a value of the handler's mark that the runtime does not know. */
export function isStreaming(handler: Handler): boolean {
  const mark = handler[STREAMING];
  if (mark === undefined || mark === 'response') {
    return mark === 'response';
  }
  throw new Error('Only response streaming is supported.');
}

/** Number of bytes that a handler may write before `write` returns false. */
export function highWaterMarkOf(handler: Handler): number {
  return Number(handler[HIGH_WATER_MARK]) || DEFAULT_HIGH_WATER_MARK_BYTES;
}
