/**
 * The answer → Lambda's response stream. What the real runtime does with it (aws-lambda-ric 4, read and run) decides
 * the shape: the prelude leaves with the first write only, so an empty write follows at once, or an empty body
 * would lose its status and headers; `pipeline` and `destroy` on this stream kill the process.
 */
import type { HeaderList, ProxyResponse } from './types.ts';
import { connectionNames, isHopByHop } from './upstream/rewrite.ts';

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
}

/** What goes wrong after the first byte: the stream can only be cut. Carries the count for the log. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
  readonly bytes: number;

  constructor(bytes: number, cause: unknown) {
    super('the response was cut after its first byte', { cause });
    this.bytes = bytes;
  }
}

/** @throws RelayError */
export async function relayResponse(
  response: ProxyResponse,
  stream: ResponseStream,
  { open, method }: { readonly open: OpenStream; readonly method: string },
): Promise<RelayResult> {
  const out = open(stream, toPrelude(response, method));
  const failed = watchForFailure(out);
  out.write('');
  let bytes = 0;
  try {
    for await (const chunk of toChunks(response.body)) {
      if (method === 'HEAD') continue;
      bytes += chunk.length;
      if (!out.write(chunk)) await Promise.race([drained(out), failed]);
    }
    await Promise.race([finished(out), failed]);
  } catch (error) {
    throw new RelayError(bytes, error);
  }
  return { bytes };
}

/** Hop-by-hop headers end here, and framing is Lambda's; `countersign-*` is ours alone to say. */
function toPrelude({ status, headers }: ProxyResponse, method: string): Prelude {
  const named = connectionNames(
    headers
      .filter(([name]) => name === 'connection')
      .map(([, value]) => value)
      .join(','),
  );
  // Without a body the length describes the one that a GET would have had (RFC 9110 §8.6), and nothing is framed by it.
  const keepsLength = method === 'HEAD' || status === 304;
  const kept: Record<string, string> = {};
  const cookies: string[] = [];
  for (const [name, value] of headers) {
    if (isHopByHop(name) || named.has(name)) continue;
    if (name === 'content-length' && !keepsLength) continue;
    if (name === 'set-cookie') cookies.push(value);
    else kept[name] = name in kept ? `${kept[name]}, ${value}` : value;
  }
  return { statusCode: status, headers: kept, cookies };
}

async function* toChunks(body: ProxyResponse['body']): AsyncIterable<Buffer> {
  if (!Buffer.isBuffer(body)) yield* body;
  else if (body.length > 0) yield body;
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

/** Rejects when Lambda's side of the stream breaks, so that nothing waits for a `drain` that never comes. */
function watchForFailure(out: ResponseStream): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    out.on('error', (error) => reject(error));
    out.once('close', () => reject(new Error("Lambda's response stream was closed")));
  });
  failed.catch(() => {});
  return failed;
}
