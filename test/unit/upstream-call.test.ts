/** The generic upstream: what it makes of responses, and what it notes of the time that they take. */
import type { AccessRecord, Exchange } from '../../functions/proxy/chain/exchange.ts';
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import {
  type Authorize,
  createUpstream,
  type UpstreamOptions,
} from '../../functions/proxy/upstream/call.ts';
import { toExchange, toServices, toTarget } from '../support/builders.ts';
import { createPlayedPool, failureOf, type PlayedStep } from '../support/played-pool.ts';
import { plain } from '../support/raw-upstream.ts';

const config = {
  ...{ function_uri: '', timeout: 3000, ssl_verify: true, keepalive: true, keepalive_pool: 5 },
  ...{ keepalive_timeout: 60_000, max_req_body_size: 10 },
};

interface Call {
  readonly answers: readonly (readonly PlayedStep[])[];
  readonly options?: Partial<UpstreamOptions>;
  readonly record?: Partial<AccessRecord>;
  readonly isConnectedAhead?: boolean;
  readonly exchange?: Partial<Exchange>;
}

function call({ answers, options = {}, record: known = {}, exchange: own, ...call }: Call) {
  const { isConnectedAhead = false } = call;
  const pool = createPlayedPool({ answers, isConnectedAhead });
  const services = { ...toServices({ pool }), retry: { retries: 1, retryTimeoutMs: 0 } };
  const target = toTarget();
  const upstream = { config, target, forwardAs: '', apiKey: undefined, ...options };
  const record = { coldStart: false, upstreamTries: 0, ...known };
  const exchange = toExchange({ ...own, record, deadlineMs: services.now() + 60_000 });
  const next = () => Promise.reject(new Error('an upstream calls nothing else'));
  const response = () => createUpstream(upstream, services)(exchange, next);
  return { response, record, pool };
}

const sized = (bytes: number) => [plain('x'.repeat(bytes))];

test('headers that look like ours are dropped, and all others are kept', async () => {
  const head = 'HTTP/1.1 200 OK\r\nx: 1\r\ncountersign-error: NO\r\ncontent-length: 0\r\n\r\n';

  expect((await call({ answers: [[head]] }).response()).headers).toEqual([
    ['x', '1'],
    ['content-length', '0'],
  ]);
});

test.each([
  ['65536 bytes', sized(65_536), true],
  ['65537 bytes', sized(65_537), false],
  ['a length that nothing says', ['HTTP/1.1 200 OK\r\n\r\nhello', 'end' as const], false],
])('a response of %s is read whole before it is relayed: %#', async (_, steps, isWhole) => {
  const { body } = await call({ answers: [steps] }).response();

  expect(Buffer.isBuffer(body)).toBe(isWhole);
  expect((await gatherBody({ body })).length).toBeGreaterThan(4);
});

test('an upstream that no plugin can be put in front of leaves the plugin its own', async () => {
  const own = { call: () => Promise.reject(new Error('called')), chosenBy: '' };
  const { response } = call({ answers: [sized(1)], exchange: { upstream: own } });

  expect((await response()).status).toBe(200);
});

test('the time is the one that was waited, and is added up over what waited before', async () => {
  const beganMs = performance.now();
  const first = call({ answers: [sized(1)] });
  const second = call({ answers: [sized(1)], record: { upstreamMs: 1e6 } });
  await first.response();
  await second.response();
  const passedMs = performance.now() - beganMs;

  for (const time of [first.record.upstreamMs, first.record.upstreamTtfbMs]) {
    expect(time).toBeGreaterThan(0);
    expect(time).toBeLessThanOrEqual(passedMs);
  }
  expect(second.record.upstreamMs).toBeGreaterThan(1e6);
  expect(second.record.upstreamMs).toBeLessThanOrEqual(1e6 + passedMs);
});

test.each([
  [[503], 2],
  [undefined, 1],
])('a 503 is sent again where the statuses to retry are %j: %d times', async (retryOn, tries) => {
  const busy = ['HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'];
  const { response, record } = call({ answers: [busy], options: retryOn ? { retryOn } : {} });

  expect((await response()).status).toBe(503);
  expect(record.upstreamTries).toBe(tries);
});

test('after a kept connection has died, the others of the pool are closed', async () => {
  const answers = [[{ code: 'ECONNRESET' }], sized(1)];
  const { response, pool } = call({ answers, isConnectedAhead: true });

  expect((await response()).status).toBe(200);
  expect(pool.closed()).toBe(1);
});

test('where the look at a response throws, its body is given up', async () => {
  const inspect = () => {
    throw new Error('refused');
  };
  const endless = ['HTTP/1.1 403 No\r\ncontent-length: 9\r\n\r\nx'];
  const { response, pool } = call({
    answers: [endless],
    options: { authorizeFor: () => ({ inspect }) },
  });

  await expect(response()).rejects.toThrow('refused');
  expect(pool.connections.map(({ destroyed }) => destroyed)).toEqual([true]);
});

describe('credentials', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] }));
  afterEach(() => jest.useRealTimers());

  const authorizeAfter = (ms: number): Authorize => {
    return async (request) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return { request };
    };
  };

  test('that come within the timeout are waited for', async () => {
    const authorize = authorizeAfter(2900);
    const response = call({
      answers: [sized(1)],
      options: { authorizeFor: () => ({ authorize }) },
    }).response();
    await jest.advanceTimersByTimeAsync(2900);

    expect((await response).status).toBe(200);
  });

  test('that come later are a timeout of the upstream', async () => {
    const failure = failureOf(
      call({
        answers: [],
        options: { authorizeFor: () => ({ authorize: authorizeAfter(9000) }) },
      }).response(),
    );
    // The first attempt, and the one retry.
    await jest.advanceTimersByTimeAsync(6000);

    expect(await failure).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: 'no credentials in time',
    });
  });
});
