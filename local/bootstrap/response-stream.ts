import { type Agent, type ClientRequest, request } from 'node:http';

const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';

/** The stream of a streaming handler. It is not a `stream.Writable`, as in AWS's own runtime client. */
export interface ResponseStream {
  write(chunk: unknown, encoding?: BufferEncoding, callback?: () => void): boolean;
  setContentType(contentType: string): void;
  _onBeforeFirstWrite: ((write: (chunk: string | Uint8Array) => boolean) => void) | undefined;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
}

/** An open streamed response. */
export interface OpenResponseStream {
  readonly stream: ResponseStream;
  /** Resolves when the Runtime API has taken the whole response. */
  readonly done: Promise<void>;
  /** Ends the response with the error in its trailers. The status may have been sent already. */
  fail(report: { readonly errorType: string; readonly errorMessage: string }): void;
}

/** The destination of a streamed response. */
export interface ResponseStreamTarget {
  readonly hostname: string;
  readonly port: string;
  readonly requestId: string;
  readonly agent: Agent;
  /** Called when the connection broke or the handler destroyed the stream. AWS's client crashes in this case. */
  readonly onBroken: (error: Error) => void;
}

/** Opens the response of one invocation. Nothing is sent before the first write or the end. */
export function openResponseStream(target: ResponseStreamTarget): OpenResponseStream {
  let onDone: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    onDone = resolve;
  });
  const outgoing = request(
    {
      hostname: target.hostname,
      port: target.port,
      method: 'POST',
      path: `/2018-06-01/runtime/invocation/${encodeURIComponent(target.requestId)}/response`,
      agent: target.agent,
      headers: {
        'Lambda-Runtime-Function-Response-Mode': 'streaming',
        Trailer: [ERROR_TYPE, ERROR_BODY],
        'Content-Type': 'application/octet-stream',
        'Transfer-Encoding': 'chunked',
      },
    },
    (incoming) => {
      incoming.resume();
      incoming.once('end', onDone);
    },
  );
  outgoing.once('error', target.onBroken);
  return {
    stream: toResponseStream(outgoing),
    done,
    fail(report) {
      if (!outgoing.writableEnded) {
        const body = Buffer.from(JSON.stringify(report)).toString('base64');
        outgoing.addTrailers({ [ERROR_TYPE]: report.errorType, [ERROR_BODY]: body });
        outgoing.end();
      }
    },
  };
}

/** The members of the underlying request that AWS's client exposes. It has no `pipe`, `setHeader` or `flushHeaders`. */
const METHODS = [
  ...['cork', 'destroy', 'end', 'uncork', 'addListener', 'on', 'once', 'prependListener'],
  ...['prependOnceListener', 'off', 'removeListener', 'removeAllListeners', 'setMaxListeners'],
  ...['getMaxListeners', 'listeners', 'rawListeners', 'listenerCount', 'eventNames', 'emit'],
] as const;
const PROPERTIES = [
  ...['destroyed', 'writable', 'writableCorked', 'writableEnded', 'writableFinished'],
  ...['writableHighWaterMark', 'writableLength', 'writableNeedDrain', 'writableObjectMode'],
];

function toResponseStream(outgoing: ClientRequest): ResponseStream {
  let written = false;
  let beforeFirstWrite: ResponseStream['_onBeforeFirstWrite'];
  const inner = outgoing as unknown as Record<string, (...args: unknown[]) => unknown>;
  const stream: Record<string, unknown> = {
    write(chunk: unknown, encoding?: BufferEncoding, callback?: () => void) {
      if (!written) {
        beforeFirstWrite?.((head) => outgoing.write(head));
      }
      written = true;
      return outgoing.write(toBytes(chunk), encoding as BufferEncoding, callback);
    },
    setContentType(contentType: string) {
      if (written) {
        const error = new Error('Cannot set content-type, too late.');
        error.name = 'Runtime.InvalidStreamingOperation';
        throw error;
      }
      outgoing.setHeader('Content-Type', contentType);
    },
  };
  for (const method of METHODS) {
    stream[method] = (...args: unknown[]) => inner[method]?.apply(outgoing, args);
  }
  for (const property of PROPERTIES) {
    Object.defineProperty(stream, property, { get: () => inner[property] });
  }
  // HttpResponseStream.from sends its prelude through this hook, only on the first write.
  Object.defineProperty(stream, '_onBeforeFirstWrite', {
    get: () => beforeFirstWrite,
    set: (hook: ResponseStream['_onBeforeFirstWrite']) => {
      beforeFirstWrite = hook;
    },
  });
  return stream as unknown as ResponseStream;
}

function toBytes(chunk: unknown): string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
}
