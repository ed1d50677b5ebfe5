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

export interface Prelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** `awslambda.HttpResponseStream.from` */
export type OpenStream = (stream: ResponseStream, prelude: Prelude) => ResponseStream;

export interface RelayResult {
  /** Body bytes that were written. */
  readonly bytes: number;
  /** Why the stream stopped before its end; the prelude has left by then, so that all that remains is to cut it. */
  readonly failure?: unknown;
}

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
    const failed = new Promise<never>((_, reject) => {
      watchForFailure(out, reject);
      const cut = () => reject(new ProxyError('UPSTREAM_TIMEOUT', "Lambda's deadline is near"));
      deadline = setTimeout(cut, Math.max(0, remainingMs));
    });
    failed.catch(() => {});
    const write = async (chunk: Buffer) => {
      if (chunk.length === 0 || method === 'HEAD') return;
      bytes += chunk.length;
      if (!out.write(chunk)) await Promise.race([drained(out), failed]);
    };
    out.write('');
    if (Buffer.isBuffer(response.body)) await write(response.body);
    else for await (const chunk of response.body) await write(chunk);
    await Promise.race([finished(out), failed]);
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

function drained(out: ResponseStream): Promise<void> {
  return new Promise((resolve) => out.once('drain', () => resolve()));
}

/** Ends the stream; Lambda counts an invocation as failed when its handler returns before the stream has finished. */
function finished(out: ResponseStream): Promise<void> {
  return new Promise((resolve) => {
    out.once('finish', () => resolve());
    out.end();
    if (out.writableFinished !== false) resolve();
  });
}

/** When Lambda's side of the stream breaks, nothing may wait for a `drain` that never comes. */
function watchForFailure(out: ResponseStream, reject: (error: unknown) => void): void {
  out.on('error', reject);
  out.once('close', () => {
    // An error takes 10 µs to make, and every stream is closed in the end.
    if (!out.writableFinished) reject(new Error("Lambda's response stream was closed"));
  });
}
