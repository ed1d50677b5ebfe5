/** Bodies that are read whole. */
import type { ProxyResponse } from '../http/message.ts';

/**
 * @returns all bytes of a body
 * @throws Error as soon as there are more than `maxBytes`; the body's own errors
 */
export async function gatherBody(
  { body }: Pick<ProxyResponse, 'body'>,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  if (Buffer.isBuffer(body)) return body;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
