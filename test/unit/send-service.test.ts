/** The proxy's own calls: to services, bodies that are read whole, and calls that a freeze has cut. */
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { callService } from '../../functions/proxy/send/service.ts';
import { retryAfterThaw } from '../../functions/proxy/send/thaw.ts';
import { createPlayedPool, failureOf, nowMs, type PlayedPool } from '../support/played-pool.ts';
import { plain } from '../support/raw-upstream.ts';

const reset = { code: 'ECONNRESET' };

// A test that waits for a timer that never comes ends at once.
beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

const turn = () => new Promise(setImmediate);
/** Lets so much time pass, when all that was to be played has been. */
async function pass(ms: number): Promise<void> {
  for (let index = 0; index < 10; index += 1) await turn();
  await jest.advanceTimersByTimeAsync(ms);
}

describe('a service that the proxy asks', () => {
  const origin = { protocol: 'https:', hostname: 'auth.example', port: 443 } as const;
  const request = { method: 'GET', path: '/', query: '', headers: [['host', 'h']] } as const;
  const call = (pool: PlayedPool, more: object = {}) =>
    callService(async () => ({ ...request, body: Buffer.alloc(0) }), {
      ...{ origin, pool, timeoutMs: 100, deadlineMs: nowMs + 1000, maxBytes: 5, now: () => nowMs },
      ...more,
    });

  test('answers whole, with at most so many bytes', async () => {
    const answers = [[plain('hello')], [plain('hello!')]];
    const pool = createPlayedPool({ answers });

    expect(await call(pool)).toMatchObject({ status: 200, body: Buffer.from('hello') });
    expect(await failureOf(call(pool))).toMatchObject({
      code: 'ACCESS_UNDECIDED',
      message: 'auth.example gave no answer',
      headers: { 'retry-after': '1' },
      cause: { message: 'an answer of more than 5 bytes' },
    });
  });

  test.each([
    [{}, 100],
    [{ deadlineMs: nowMs + 10 }, 10],
  ])('has the earlier of its timeout and the deadline of the request: %j', async (more, ms) => {
    const failure = failureOf(call(createPlayedPool({ answers: [[]] }), more));
    await pass(ms);

    expect((await failure).cause).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: `no response headers within ${ms} ms`,
    });
  });

  test('is asked once more when a kept connection had died', async () => {
    const pool = createPlayedPool({
      keepAlive: true,
      answers: [[plain('hello')], [reset], [plain('again')]],
    });
    await call(pool);
    await turn();

    expect((await call(pool)).body.toString()).toBe('again');
  });
});

test('a body that is whole already, or one chunk, is not copied', async () => {
  const chunk = Buffer.from('x');
  const one = (async function* () {
    yield chunk;
  })();

  expect(await gatherBody({ body: chunk }, 0)).toBe(chunk);
  expect(await gatherBody({ body: one })).toBe(chunk);
});

test.each([
  [6001, 6, 'failed'],
  [6000, 1, 'failed'],
])('a call that fails after %i ms is made %i times', async (ms, calls, expected) => {
  let clockMs = 0;
  let made = 0;
  const attempt = retryAfterThaw(
    async () => {
      made += 1;
      clockMs += ms;
      throw new Error('failed');
    },
    () => clockMs,
  );

  await expect(attempt).rejects.toThrow(expected);
  expect(made).toBe(calls);
});

test('a call that was frozen and is made again answers', async () => {
  let clockMs = 0;
  const answers = [Promise.reject(new Error('frozen')), Promise.resolve('x')];
  answers[0]?.catch(() => {});
  const now = () => clockMs;
  const made = retryAfterThaw(
    async () => {
      clockMs += 20;
      return answers.shift();
    },
    now,
    10,
  );

  expect(await made).toBe('x');
});
