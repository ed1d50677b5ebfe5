import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { encodePrelude, PRELUDE_CONTENT_TYPE, type Prelude } from './prelude.ts';

/** The result of one invocation. The `body` of a stream fails with a {@link FunctionError} if it is cut. */
export type FunctionResponse =
  | { readonly kind: 'buffered'; readonly payload: Buffer }
  | { readonly kind: 'stream'; readonly contentType: string; readonly body: Readable }
  | { readonly kind: 'error'; readonly errorType: string; readonly errorMessage: string }
  | { readonly kind: 'throttled' };

/** Options of one invocation. */
export interface InvokeOptions {
  /** The function's timeout, which starts when the runtime takes the event. */
  readonly timeoutMs: number;
  /** @default a random UUID */
  readonly requestId?: string;
  /** Value of `x-amzn-trace-id`. @default none */
  readonly traceId?: string;
}

/** A function that can be invoked. The servers do not know where it runs. */
export type Invoke = (event: unknown, options: InvokeOptions) => Promise<FunctionResponse>;

/** A function's failure. `errorType` is as Lambda reports it (`Runtime.ExitError`, `Error`, …). */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly errorType: string;

  constructor(message: string, options: ErrorOptions & { readonly errorType: string }) {
    super(message, options);
    this.errorType = options.errorType;
  }
}

/** A buffered handler in this process. Its result is serialised as Lambda does. */
export type InProcessHandler = (
  event: unknown,
  context: { readonly awsRequestId: string },
) => unknown | Promise<unknown>;

/** The answer of a streaming handler in this process. */
export interface StreamedAnswer extends Prelude {
  readonly body: AsyncIterable<string | Uint8Array>;
}

/** Makes a buffered handler of this process invocable. If it throws, the result is a function error. */
export function invokeInProcess(handler: InProcessHandler): Invoke {
  return async (event, options) => {
    try {
      const result = await handler(event, { awsRequestId: options.requestId ?? randomUUID() });
      return { kind: 'buffered', payload: Buffer.from(JSON.stringify(result ?? null)) };
    } catch (error) {
      return toErrorResponse(error);
    }
  };
}

/** Makes a streaming handler of this process invocable. The prelude is sent before its first chunk. */
export function streamInProcess(
  handler: (event: unknown) => StreamedAnswer | Promise<StreamedAnswer>,
): Invoke {
  return async (event) => {
    try {
      const { body, ...prelude } = await handler(event);
      const stream = Readable.from(withPrelude(prelude, body), { objectMode: false });
      return { kind: 'stream', contentType: PRELUDE_CONTENT_TYPE, body: stream };
    } catch (error) {
      return toErrorResponse(error);
    }
  };
}

/** Converts any thrown value to the error of an invocation. */
export function toErrorResponse(error: unknown): FunctionResponse {
  const errorMessage = error instanceof Error ? error.message : String(error);
  if (error instanceof FunctionError) {
    return { kind: 'error', errorType: error.errorType, errorMessage };
  }
  return { kind: 'error', errorType: error instanceof Error ? error.name : 'Error', errorMessage };
}

async function* withPrelude(
  prelude: Prelude,
  body: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield encodePrelude(prelude);
  for await (const chunk of body) {
    yield Buffer.from(chunk as Uint8Array);
  }
}
