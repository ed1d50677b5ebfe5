import { ProxyError } from '../../functions/proxy/http/errors.ts';
import { StaleConnectionError } from '../../functions/proxy/send/send-errors.ts';
import {
  type Answer,
  type Attempt,
  sendAttempts,
} from '../../functions/proxy/upstream/attempts.ts';
import { rejectionOf, toExchange, toRequest, toResponse } from '../support/builders.ts';

const stale = new ProxyError('UPSTREAM_UNREACHABLE', 'x', { cause: new StaleConnectionError('x') });
const failed = new ProxyError('UPSTREAM_UNREACHABLE', 'x');
const rejectedKeyId = 'AKIDOLD';
const answered: Answer = { response: toResponse({ status: 200 }) };
const refused: Answer = { response: toResponse({ status: 403 }), refusal: { rejectedKeyId } };

interface Play {
  readonly outcomes: readonly (Answer | Error)[];
  readonly method?: string;
  readonly retries?: number;
  readonly otherTargets?: number;
}

/** Plays the outcomes in turn, the last one for ever, and notes what each attempt was told. */
function play({ outcomes, method = 'GET', retries = 0, otherTargets = 0 }: Play) {
  const attempts: Attempt[] = [];
  const pauses: number[] = [];
  let closed = 0;
  let nowMs = 1000;
  const exchange = toExchange({ request: toRequest({ method }), deadlineMs: 1_000_000 });
  const send = async (attempt: Attempt) => {
    const outcome = outcomes[Math.min(attempts.length, outcomes.length - 1)];
    attempts.push(attempt);
    if (outcome instanceof Error) throw outcome;
    return outcome as Answer;
  };
  const run = () =>
    sendAttempts(exchange, send, {
      retries,
      otherTargets,
      retryTimeoutMs: 0,
      retryOn: [503],
      timeoutMs: 3000,
      now: () => nowMs,
      random: () => 0.5,
      sleep: async (ms) => {
        pauses.push(ms);
        nowMs += ms;
      },
      closeIdle: () => {
        closed += 1;
      },
    });
  return { run, attempts, pauses, closed: () => closed };
}

test('an idempotent request is sent once more on a fresh connection when a kept one had died', async () => {
  const { run, attempts, closed } = play({ outcomes: [stale, answered] });
  expect((await run()).status).toBe(200);
  expect(attempts).toHaveLength(2);
  expect(closed()).toBe(1);
});

test.each([
  ['a POST', { method: 'POST', outcomes: [stale] }, 1],
  ['a second dead connection', { outcomes: [stale] }, 2],
])('%s on a dead connection ends the attempts', async (_, parts, sends) => {
  const { run, attempts } = play(parts);
  expect(await rejectionOf(run())).toBe(stale);
  expect(attempts).toHaveLength(sends);
});

test('a refused request is sent once more for any method, with the id of the rejected key', async () => {
  const { run, attempts } = play({ method: 'POST', outcomes: [refused, answered] });
  expect((await run()).status).toBe(200);
  expect(attempts.map(({ isSecond }) => isSecond)).toEqual([false, true]);
  expect(attempts.map((attempt) => attempt.rejectedKeyId)).toEqual([undefined, rejectedKeyId]);
});

test('a request that was refused twice is answered with the second refusal', async () => {
  const { run, attempts } = play({ outcomes: [refused] });
  expect((await run()).status).toBe(403);
  expect(attempts).toHaveLength(2);
});

test('a connection that dies after a refusal is replaced, and the refusal is still known', async () => {
  const { run, attempts } = play({ outcomes: [stale, refused, stale, answered] });
  expect((await run()).status).toBe(200);
  expect(attempts.map((attempt) => attempt.rejectedKeyId)).toEqual([
    undefined,
    undefined,
    rejectedKeyId,
    rejectedKeyId,
  ]);
});

test('the attempts of a try share its deadline, and a retry has a new one', async () => {
  const { run, attempts } = play({ retries: 1, outcomes: [refused, failed, answered] });
  expect((await run()).status).toBe(200);
  expect(attempts.map(({ headersDeadlineMs }) => headersDeadlineMs)).toEqual([4000, 4000, 4050]);
  expect(attempts.map(({ isSecond }) => isSecond)).toEqual([false, true, false]);
});

test.each([0, 1, 3])(
  'with %i retries no request is sent more often than the table says',
  async (retries) => {
    const round = [stale, refused, stale, failed];
    const outcomes = Array.from({ length: 20 }, () => round).flat();
    const { run, attempts } = play({ retries, outcomes });
    expect(await rejectionOf(run())).toBe(failed);
    expect(attempts).toHaveLength(4 * (retries + 1));
  },
);

test('other targets are tried without a pause, and then pauses grow as they do for one', async () => {
  const { run, pauses } = play({ retries: 5, otherTargets: 2, outcomes: [failed] });
  expect(await rejectionOf(run())).toBe(failed);
  expect(pauses).toEqual([0, 0, 50, 100, 200]);
});

test('what is sent again at once shares the time of its try, and waits for nothing', async () => {
  let nowMs = 1000;
  const attempts: Attempt[] = [];
  const send = async (attempt: Attempt) => {
    attempts.push(attempt);
    nowMs += 500;
    return attempts.length === 1 ? refused : answered;
  };
  const times = {
    retries: 1,
    retryTimeoutMs: 0,
    retryOn: [503],
    timeoutMs: 3000,
    now: () => nowMs,
  };
  const others = {
    random: () => 0.5,
    sleep: () => Promise.reject(new Error('nothing is to be waited for')),
    closeIdle() {},
  };
  const exchange = toExchange({ request: toRequest(), deadlineMs: 1501 });

  expect((await sendAttempts(exchange, send, { ...times, ...others })).status).toBe(200);
  attempts.length = 0;
  await sendAttempts({ ...exchange, deadlineMs: 1_000_000 }, send, { ...times, ...others });
  expect(attempts[1]?.headersDeadlineMs).toBe(attempts[0]?.headersDeadlineMs);
});
