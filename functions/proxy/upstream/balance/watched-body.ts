/** Tells when a response has been read. */
import type { ProxyResponse } from '../../http/message.ts';

/**
 * Not a generator: a generator that was never started does not run its `finally`, so it would miss that the body is given up.
 *
 * @param onEnd called once, when the body has ended, has failed or is given up
 */
export function withEnd(response: ProxyResponse, onEnd: () => void): ProxyResponse {
  const { body } = response;
  if (Buffer.isBuffer(body)) {
    onEnd();
    return response;
  }
  return { ...response, body: watch(body, onEnd) };
}

function watch(body: AsyncIterable<Buffer>, onEnd: () => void): AsyncIterable<Buffer> {
  let hasEnded = false;
  const end = () => {
    if (!hasEnded) onEnd();
    hasEnded = true;
  };
  return {
    [Symbol.asyncIterator]() {
      const inner = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await inner.next();
            if (result.done) end();
            return result;
          } catch (error) {
            end();
            throw error;
          }
        },
        async return() {
          end();
          await inner.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
