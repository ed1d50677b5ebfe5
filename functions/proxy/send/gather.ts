/** Bodies that are read whole. */
import type { Turn } from '../http/background.ts';
import { findHeader } from '../http/headers.ts';
import type { HeaderList, ProxyResponse } from '../http/message.ts';

/** A body, and the headers that may tell its length. */
export interface GatheredResponse extends Pick<ProxyResponse, 'body'> {
  readonly headers?: HeaderList;
}

/**
 * @param turn of a body that is read beside requests: awaited after each chunk, and the upstream is read no further meanwhile
 * @returns all bytes of a body
 * @throws Error as soon as there are more than `maxBytes`; the body's own errors
 */
export async function gatherBody(
  { body, headers = [] }: GatheredResponse,
  maxBytes = Number.POSITIVE_INFINITY,
  turn?: Turn,
): Promise<Buffer> {
  if (Buffer.isBuffer(body)) return body;
  const chunks: Buffer[] = [];
  // Chunks that are joined at the end hold up the event loop, and take the memory twice. Each goes to its place as it comes.
  const length = turn ? Number(findHeader(headers, 'content-length')) : Number.NaN;
  const whole = length <= maxBytes ? Buffer.allocUnsafeSlow(length) : undefined;
  let bytes = 0;
  for await (const chunk of body) {
    if (whole) chunk.copy(whole, bytes);
    else chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    if (turn) await turn();
  }
  // Node's parser ends a body at its length.
  if (whole) return whole.subarray(0, bytes);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
