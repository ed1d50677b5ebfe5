/** How long sendRequest waits, and what it does about connections: kept, closed, refused. */
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { sendOwn } from '../../functions/proxy/send/send.ts';
import { isStaleConnection } from '../../functions/proxy/send/send-errors.ts';
import {
  createPlayedPool,
  failureOf,
  nowMs,
  type PlayedPool,
  type PlayedPoolOptions,
  type PlayedStep,
  sendOver,
} from '../support/played-pool.ts';
import { chunked, ok } from '../support/played-responses.ts';
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

test('stale connections are dropped before a request takes one', async () => {
  const pool = createPlayedPool({ answers: [[plain('')]] });
  let connections = -1;
  const dropStale = async () => {
    await turn();
    connections = pool.connections.length;
  };
  await sendOver({ ...pool, dropStale });

  expect(connections).toBe(0);
});

describe('time', () => {
  const answers = [[]];

  test.each<[string, readonly PlayedStep[]]>([
    ['a response', [plain('hello')]],
    ['a body that comes late', [`${ok}content-length: 5\r\n\r\n`, 'hello']],
    ['a response that is refused', ['HTTP/1.1 600 x\r\n\r\n']],
    ['a switch of protocols', ['HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n']],
    ['a connection that breaks', [reset]],
  ])('no timer is left behind after %s', async (_, steps) => {
    const pool = createPlayedPool({ answers: [steps] });
    await sendOver(pool)
      .then(gatherBody)
      .catch(() => {});
    await turn();

    expect(jest.getTimerCount()).toBe(0);
  });

  test('a body that is slow and never silent for long arrives', async () => {
    const pool = createPlayedPool({ answers: [[`${ok}content-length: 3\r\n\r\n`]] });
    const response = await sendOver(pool, {}, { silenceMs: 10 });
    const gathered = gatherBody(response);
    for (const text of ['a', 'b', 'c']) {
      await pass(8);
      pool.connections[0]?.push(text);
    }

    expect((await gathered).toString()).toBe('abc');
  });

  test.each([
    [1000, 1000],
    [999, 1000],
  ])('a deadline at %i is over at %i, before anything is sent', async (headersDeadlineMs, at) => {
    const pool = createPlayedPool({ answers });
    const error = await failureOf(sendOver(pool, {}, { headersDeadlineMs, now: () => at }));

    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', isUnsent: true });
    expect(pool.connections).toEqual([]);
  });

  test.each<[Partial<PlayedPoolOptions>, boolean]>([
    [{}, false],
    [{ protocol: 'http:' }, false],
    [{ connect: 'never' }, true],
    [{ connect: 'never', protocol: 'http:' }, true],
  ])('silence of an upstream, %j: nothing has been sent: %s', async (options, isUnsent) => {
    const { protocol = 'https:' } = options;
    const pool = createPlayedPool({ answers, ...options });
    const origin = { protocol, hostname: 'upstream.example', port: 443 };
    const failure = failureOf(sendOver(pool, {}, { origin, headersDeadlineMs: nowMs + 10 }));
    await pass(10);
    const error = await failure;

    const message = 'no response headers within 10 ms';
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', isUnsent, message });
    expect(pool.connections[0]?.destroyed).toBe(true);
  });

  test('a connection that is not made in its own time is a request that was not sent', async () => {
    const pool = createPlayedPool({ answers, connect: 'never' });
    const failure = failureOf(sendOver(pool, {}, { connectMs: 10 }));
    await pass(10);

    const message = 'no connection within 10 ms';
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', isUnsent: true, message });
    expect(jest.getTimerCount()).toBe(0);
  });

  test('the time for a connection is over when it is made, and leaves no timer behind', async () => {
    const pool = createPlayedPool({ answers: [[ok]] });
    const failure = failureOf(sendOver(pool, {}, { connectMs: 10, headersDeadlineMs: nowMs + 20 }));
    await pass(10);
    await pass(10);
    expect(await failure).toMatchObject({ message: 'no response headers within 20 ms' });

    const broken = sendOver(createPlayedPool({ answers: [[reset]] }), {}, { connectMs: 10_000 });
    await failureOf(broken);
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('silence inside the head is no request that was not sent', async () => {
    const pool = createPlayedPool({ answers: [[ok]] });

    const failure = failureOf(sendOver(pool, {}, { headersDeadlineMs: nowMs + 10 }));
    await pass(10);

    expect(await failure).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      isUnsent: false,
    });
  });

  test.each([
    [{ silenceMs: 10 }, /silent for 10 ms/],
    [{ deadlineMs: nowMs + 10 }, /deadline is near/],
    [{ deadlineMs: 0 }, /deadline is near/],
  ])('a body that does not go on is cut by %j', async (options, message) => {
    const pool = createPlayedPool({ answers: [[`${ok}content-length: 9\r\n\r\nhello`]] });
    const response = await sendOver(pool, {}, options);

    const failure = failureOf(gatherBody(response));
    await pass(10);

    expect(await failure).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: expect.stringMatching(message),
    });
    expect(pool.connections[0]?.destroyed).toBe(true);
  });
});

describe('a kept connection', () => {
  const kept = (second: readonly PlayedStep[], more: Partial<PlayedPoolOptions> = {}) =>
    createPlayedPool({ keepAlive: true, answers: [[plain('hello')], second], ...more });
  const useOnce = async (pool: PlayedPool) => {
    await gatherBody(await sendOver(pool));
    await turn();
  };

  test.each(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])(
    'that dies by %s before a byte has come is stale',
    async (code) => {
      const pool = kept([{ code }]);
      await useOnce(pool);
      const error = await failureOf(sendOver(pool));

      expect(isStaleConnection(error)).toBe(true);
      expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', isUnsent: false });
      expect(pool.connections).toHaveLength(1);
    },
  );

  test('that dies inside the head is no stale one, but a cut', async () => {
    const pool = kept([ok, reset]);
    await useOnce(pool);

    expect((await failureOf(sendOver(pool))).code).toBe('UPSTREAM_CUT');
  });

  test('that dies for another reason is no stale one', async () => {
    const pool = kept([{ code: 'EHOSTUNREACH' }]);
    await useOnce(pool);
    const error = await failureOf(sendOver(pool));

    expect(isStaleConnection(error)).toBe(false);
    expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', isUnsent: false });
  });

  test('that was made ahead of its request may be stale as well', async () => {
    const pool = createPlayedPool({ answers: [[reset]], isConnectedAhead: true });

    expect(isStaleConnection(await failureOf(sendOver(pool)))).toBe(true);
  });

  test('gathers no listeners of its requests', async () => {
    const pool = createPlayedPool({
      keepAlive: true,
      answers: [[`${chunked}5\r\nhello\r\n0\r\n\r\n`]],
    });
    const counts: number[][] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await useOnce(pool);
      const [connection] = pool.connections;
      const names = ['data', 'end', 'secureConnect', 'connect', 'error', 'close'];
      counts.push(names.map((name) => connection?.listenerCount(name) ?? -1));
    }

    expect(pool.connections).toHaveLength(1);
    expect(counts[2]).toEqual(counts[1]);
  });

  test('an own call is made once more on a fresh connection when a kept one had died', async () => {
    const pool = kept([reset], { answers: [[plain('hello')], [reset], [plain('again')]] });
    await useOnce(pool);
    const response = await sendOwn(() => sendOver(pool), pool);

    expect((await gatherBody(response)).toString()).toBe('again');
    expect([pool.closed(), pool.connections.length]).toEqual([1, 2]);
  });

  test('an own call that fails otherwise is not made again', async () => {
    const pool = createPlayedPool({ answers: [[reset], [plain('again')]] });

    expect((await failureOf(sendOwn(() => sendOver(pool), pool))).code).toBe(
      'UPSTREAM_UNREACHABLE',
    );
    expect(pool.requests).toHaveLength(1);
  });
});

test('a connection that is refused has sent nothing', async () => {
  const pool = createPlayedPool({ answers: [], connect: { code: 'ECONNREFUSED' } });
  const error = await failureOf(sendOver(pool));

  expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', isUnsent: true });
  expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
});

test('what was thrown may be anything, and is no stale connection', () => {
  expect([undefined, 'x', new Error('x')].map(isStaleConnection)).toEqual([false, false, false]);
});
