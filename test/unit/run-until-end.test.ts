/** The end of a request with a body that streams: it is told of once, however the body ends. */
import { runUntilEnd } from '../../functions/proxy/plugins/traffic/limits/run-until-end.ts';
import { rejectionOf, toResponse } from '../support/builders.ts';

test('the end of a body that cannot be given up is told of', async () => {
  let ends = 0;
  const body = {
    next: async () => ({ done: false, value: Buffer.from('a') }) as const,
    return: async () => {
      throw new Error('the connection is gone');
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const response = await runUntilEnd(
    async () => {
      ends += 1;
    },
    async () => toResponse({ body }),
  );
  const chunks = (response.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  await chunks.next();

  expect(ends).toBe(0);
  expect(String(await rejectionOf(Promise.resolve(chunks.return?.())))).toContain('is gone');
  expect(ends).toBe(1);
});
