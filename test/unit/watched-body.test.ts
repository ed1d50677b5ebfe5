/** When the body of a response counts as read. */
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { withEnd } from '../../functions/proxy/upstream/balance/watched-body.ts';
import { rejectionOf, toResponse } from '../support/builders.ts';

const bodyOf = (...results: (IteratorResult<Buffer> | Error)[]) => {
  let isGivenUp = false;
  const body: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const result = results.shift() ?? { done: true as const, value: undefined };
        if (result instanceof Error) throw result;
        return result;
      },
      return: async () => {
        isGivenUp = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return { body, isGivenUp: () => isGivenUp };
};
const watch = (response: ProxyResponse) => {
  let ends = 0;
  const watched = withEnd(response, () => {
    ends += 1;
  });
  return { watched, ends: () => ends };
};
const chunk = { done: false as const, value: Buffer.from('x') };

test('a whole body is read at once', () => {
  const response = toResponse();
  const { watched, ends } = watch(response);

  expect([watched, ends()]).toEqual([response, 1]);
});

test('a stream is read with its last chunk, and that is told once', async () => {
  const { watched, ends } = watch(toResponse({ status: 201, body: bodyOf(chunk).body }));
  const reading = (watched.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();

  expect([watched.status, await reading.next(), ends()]).toEqual([201, chunk, 0]);
  expect([(await reading.next()).done, ends()]).toEqual([true, 1]);
  expect(await reading.return?.()).toEqual({ done: true, value: undefined });
  expect(ends()).toBe(1);
});

test('a stream that fails is over, and the failure is passed on', async () => {
  const cut = new Error('cut');
  const { watched, ends } = watch(toResponse({ body: bodyOf(cut).body }));

  expect(await rejectionOf(gatherBody(watched))).toBe(cut);
  expect(ends()).toBe(1);
});

test('a stream that is given up is over, and is let go', async () => {
  const { body, isGivenUp } = bodyOf(chunk);
  const { watched, ends } = watch(toResponse({ body }));
  await (watched.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]().return?.();

  expect([isGivenUp(), ends()]).toEqual([true, 1]);
});
