import { createHandler } from '../../functions/proxy/handler.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import { createLogger } from '../../functions/proxy/log/log.ts';
import { toEvent } from '../support/builders.ts';
import { createFakeResponseStream } from '../support/fake-response-stream.ts';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

test('the invocation is over when a refresh under way has had its moment, not before', async () => {
  let settle: () => void = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const stream = createFakeResponseStream();
  const handler = createHandler({
    routes: {
      start: async () => {},
      current: async () => {
        throw new ProxyError('ROUTES_UNAVAILABLE', 'none');
      },
      ageMs: () => undefined,
      settle: () => settled,
    },
    open: stream.open,
    log: createLogger('error', () => {}),
    now: () => 0,
    debugHeaders: false,
  });
  let isOver = false;
  const done = handler(toEvent({}), stream, { awsRequestId: 'id' }).then(() => {
    isOver = true;
  });
  await tick();

  // The answer has left: Lambda freezes the environment only when the invocation is over.
  expect(stream.isEnded()).toBe(true);
  expect(isOver).toBe(false);
  settle();
  await done;
});
