/**
 * The answer → Lambda's response stream. What the real runtime does with it (aws-lambda-ric 4, read and run) decides
 * the shape: the prelude leaves with the first write only, so an empty write follows at once, or an empty body
 * would lose its status and headers; `pipeline` and `destroy` on this stream kill the process.
 */
import { ProxyError } from './http/errors.ts';
import { toEndToEnd } from './http/headers.ts';
import type { ProxyResponse } from './http/message.ts';

/** The part of Lambda's response stream that is used. */
export interface ResponseStream {
  write(chunk: string | Uint8Array): boolean;
  end(): unknown;
  readonly writableFinished?: boolean;
  once(event: string, listener: (...args: unknown[]) => void): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** Status, headers and cookies, which Lambda's streaming protocol sends before the body. */
export interface Prelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** `awslambda.HttpResponseStream.from` */
export type OpenStream = (stream: ResponseStream, prelude: Prelude) => ResponseStream;

/** How relaying a response ended. */
export interface RelayResult {
  /** Body bytes that were written. */
  readonly bytes: number;
  /** Why the stream stopped before its end; the prelude has left by then, so that all that remains is to cut it. */
  readonly failure?: unknown;
}

/** What relaying a response needs. */
export interface RelayOptions {
  readonly open: OpenStream;
  readonly method: string;
  /** Milliseconds until a stream that is still open is cut, whether the client or the upstream is slow. */
  readonly remainingMs: number;
}

/** Writes prelude and body as the body comes, at the pace of Lambda's stream. Never throws. */
export async function relayResponse(
  response: ProxyResponse,
  stream: ResponseStream,
  { open, method, remainingMs }: RelayOptions,
): Promise<RelayResult> {
  let bytes = 0;
  let deadline: NodeJS.Timeout | undefined;
  try {
    const out = open(stream, toPrelude(response, method));
    const { until, fail } = createWait();
    watchForFailure(out, fail);
    const cut = () => fail(new ProxyError('UPSTREAM_TIMEOUT', "Lambda's deadline is near"));
    deadline = setTimeout(cut, Math.max(0, remainingMs));
    const write = async (chunk: Buffer) => {
      if (chunk.length === 0 || method === 'HEAD') return;
      bytes += chunk.length;
      if (!out.write(chunk)) await until((go) => out.once('drain', go));
    };
    out.write('');
    if (Buffer.isBuffer(response.body)) await write(response.body);
    else for await (const chunk of response.body) await write(chunk);
    await until((go) => finish(out, go));
    return { bytes };
  } catch (failure) {
    return { bytes, failure };
  } finally {
    clearTimeout(deadline);
  }
}

function toPrelude({ status, headers }: ProxyResponse, method: string): Prelude {
  // Framing is Lambda's. Where there is no body, the length describes the one that a GET would have had (RFC 9110
  // §8.6), and nothing is framed by it.
  const keepsLength = method === 'HEAD' || status === 304;
  const kept: Record<string, string> = Object.create(null);
  const cookies: string[] = [];
  for (const [name, value] of toEndToEnd(headers)) {
    if (name === 'content-length' && !keepsLength) continue;
    if (name === 'set-cookie') cookies.push(value);
    else kept[name] = name in kept ? `${kept[name]}, ${value}` : value;
  }
  return { statusCode: status, headers: kept, cookies };
}

interface Wait {
  /** @throws the error that was passed to `fail`, before the call or during it */
  until(begin: (go: () => void) => void): Promise<void>;
  fail(error: unknown): void;
}

/**
 * Only one wait runs at a time; a failure ends it. `Promise.race` against one promise of the failure would add a listener to that
 * promise for each drain, and keep it as long as the stream is open.
 */
function createWait(): Wait {
  let failure: { readonly error: unknown } | undefined;
  let stop: (error: unknown) => void = () => {};
  return {
    until: (begin) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure.error);
        stop = reject;
        begin(resolve);
      }),
    fail(error) {
      failure ??= { error };
      stop(error);
    },
  };
}

/** Ends the stream; Lambda counts an invocation as failed when its handler returns before the stream has finished. */
function finish(out: ResponseStream, go: () => void): void {
  out.once('finish', go);
  out.end();
  if (out.writableFinished !== false) go();
}

/** When Lambda's side of the stream breaks, nothing may wait for a `drain` that never comes. */
function watchForFailure(out: ResponseStream, fail: (error: unknown) => void): void {
  out.on('error', fail);
  out.once('close', () => {
    // An error takes 10 µs to make, and every stream is closed in the end.
    if (!out.writableFinished) fail(new Error("Lambda's response stream was closed"));
  });
}
