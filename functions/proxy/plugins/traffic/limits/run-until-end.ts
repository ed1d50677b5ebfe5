/** When a request is over: with the last byte of its answer's body, or without an answer. */
import type { ProxyResponse } from '../../../http/message.ts';

/** Calls `onEnd` once: when the answer's body is over or given up, or when there is no answer. */
export async function runUntilEnd(
  onEnd: () => Promise<void>,
  run: () => Promise<ProxyResponse>,
): Promise<ProxyResponse> {
  let response: ProxyResponse;
  try {
    response = await run();
  } catch (error) {
    await onEnd();
    throw error;
  }
  const { body } = response;
  if (!Buffer.isBuffer(body)) return { ...response, body: readUntilEnd(body, onEnd) };
  await onEnd();
  return response;
}

/** No generator: one that is given up before its first chunk never gets to its `finally`. */
function readUntilEnd(
  body: AsyncIterable<Buffer>,
  onEnd: () => Promise<void>,
): AsyncIterableIterator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  let isOver = false;
  const end = async () => {
    if (isOver) return;
    isOver = true;
    await onEnd();
  };
  return {
    async next() {
      try {
        const result = await chunks.next();
        if (result.done) await end();
        return result;
      } catch (error) {
        await end();
        throw error;
      }
    },
    async return() {
      try {
        await chunks.return?.();
      } finally {
        await end();
      }
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
