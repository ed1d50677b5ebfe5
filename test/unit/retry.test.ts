import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { type AttemptOptions, sendAttempts } from '../../functions/proxy/upstream/attempts.ts';
import { rejectionOf, toExchange, toRequest, toResponse } from '../support/builders.ts';

const startMs = 1_000_000;
const unreachable = new ProxyError('UPSTREAM_UNREACHABLE', 'broken');
const unsent = new ProxyError('UPSTREAM_UNREACHABLE', 'refused', { isUnsent: true });

type Answer = number | Error | ProxyResponse;

interface RigParts extends Partial<AttemptOptions> {
  readonly answers: readonly Answer[];
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

/** Plays the answers in turn; sleeping moves the clock. */
function createRig({ answers, method = 'GET', headers = {}, deadlineMs, ...options }: RigParts) {
  let nowMs = startMs;
  let tries = 0;
  const pauses: number[] = [];
  const send = async () => {
    const answer = answers[Math.min(tries, answers.length - 1)];
    tries += 1;
    if (answer instanceof Error) throw answer;
    const response = typeof answer === 'number' ? toResponse({ status: answer }) : answer;
    return { response: response as ProxyResponse };
  };
  const attempts: AttemptOptions = {
    timeoutMs: 3000,
    closeIdle: () => {},
    retries: 2,
    retryTimeoutMs: 0,
    retryOn: [429, 503],
    now: () => nowMs,
    random: () => 0.5,
    sleep: async (ms) => {
      pauses.push(ms);
      nowMs += ms;
    },
    ...options,
  };
  const exchange = toExchange({
    request: toRequest({ method, headers }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  return { run: () => sendAttempts(exchange, send, attempts), pauses, tries: () => tries };
}

const after = (value: string, status = 503) =>
  toResponse({ status, headers: [['retry-after', value]] });

test.each([
  ['GET', 3],
  ['HEAD', 3],
  ['OPTIONS', 3],
  ['PUT', 3],
  ['DELETE', 3],
  ['POST', 1],
  ['PATCH', 1],
])('a %s whose connection broke is sent %i times with two retries', async (method, tries) => {
  const rig = createRig({ method, answers: [unreachable] });
  expect(await rejectionOf(rig.run())).toBe(unreachable);
  expect(rig.tries()).toBe(tries);
});

test.each(['POST', 'PATCH'])('a %s that was not sent may be sent again', async (method) => {
  const rig = createRig({ method, answers: [unsent, 200] });
  expect((await rig.run()).status).toBe(200);
  expect(rig.tries()).toBe(2);
});

test.each([
  ['a status of retry_on', 503],
  ['a connection that broke', unreachable],
  ['a response that was cut', new ProxyError('UPSTREAM_CUT', 'x')],
  ['silence', new ProxyError('UPSTREAM_TIMEOUT', 'x')],
])('an idempotency-key allows to send a POST again after %s', async (_, answer) => {
  const headers = { 'idempotency-key': 'k' };
  const rig = createRig({ method: 'POST', headers, answers: [answer, 201] });
  expect((await rig.run()).status).toBe(201);
});

test('a status that retry_on does not name is relayed at once', async () => {
  const rig = createRig({ answers: [500, 200] });
  expect((await rig.run()).status).toBe(500);
  expect(rig.pauses).toEqual([]);
});

test('a status of retry_on is no reason to send a POST again', async () => {
  const rig = createRig({ method: 'POST', answers: [503, 200] });
  expect((await rig.run()).status).toBe(503);
});

test.each(['UPSTREAM_ACCESS_DENIED', 'CREDENTIALS_UNAVAILABLE', 'BODY_TOO_LARGE', 'INTERNAL'])(
  '%s is no better the second time',
  async (code) => {
    const rig = createRig({ answers: [new ProxyError(code as 'INTERNAL', 'x'), 200] });
    expect(await rejectionOf(rig.run())).toMatchObject({ code });
    expect(rig.tries()).toBe(1);
  },
);

test('when tries have run out the last answer is the answer', async () => {
  const rig = createRig({ answers: [503, 429, 503, 200] });
  expect((await rig.run()).status).toBe(503);
  expect(rig.tries()).toBe(3);
});

test.each([
  [0, [0, 0, 0, 0, 0, 0, 0, 0]],
  [0.5, [50, 100, 200, 400, 800, 1600, 2500, 2500]],
  [0.999, [99.9, 199.8, 399.6, 799.2, 1598.4, 3196.8, 4995, 4995]],
])(
  'pauses double and have full jitter: with a random number of %d they are %j ms',
  async (random, pauses) => {
    const rig = createRig({ retries: 8, random: () => random, answers: [503] });
    await rig.run();
    expect(rig.pauses.map((ms) => Math.round(ms * 10) / 10)).toEqual(pauses);
  },
);

test.each([
  ['seconds', '3', 3000],
  ['a date', new Date(startMs + 7000).toUTCString(), 7000],
  ['a date gone by', new Date(startMs - 7000).toUTCString(), 50],
  ['0', '0', 50],
  ['nonsense', 'soon', 50],
  ['nothing', '', 50],
])('Retry-After with %s is a pause of its length at least', async (_, value, pauseMs) => {
  const rig = createRig({ answers: [after(value), 200] });
  expect((await rig.run()).status).toBe(200);
  expect(rig.pauses).toEqual([pauseMs]);
});

test.each([
  ['reaches the deadline', { deadlineMs: startMs + 3000 }],
  ['is longer than retry_timeout', { retryTimeoutMs: 2999 }],
])('Retry-After that %s ends the trying, and the answer is relayed', async (_, limit) => {
  const rig = createRig({ ...limit, answers: [after('3', 429), 200] });
  expect(await rig.run()).toMatchObject({ status: 429, headers: [['retry-after', '3']] });
  expect(rig.pauses).toEqual([]);
});

test('no try begins later than retry_timeout after the first one', async () => {
  const rig = createRig({ retries: 10, retryTimeoutMs: 500, answers: [unreachable] });
  await rejectionOf(rig.run());
  expect(rig.pauses).toEqual([50, 100, 200]);
});

test('an unread body is abandoned before the next attempt', async () => {
  let isGivenUp = false;
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: Buffer.from('x') }),
      return: async () => {
        isGivenUp = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  const rig = createRig({ answers: [toResponse({ status: 503, body }), 200] });
  expect((await rig.run()).status).toBe(200);
  expect(isGivenUp).toBe(true);
});

test('a route without retries sends once', async () => {
  const rig = createRig({ retries: 0, answers: [503, 200] });
  expect((await rig.run()).status).toBe(503);
  expect(rig.tries()).toBe(1);
  expect(rig.pauses).toEqual([]);
});
