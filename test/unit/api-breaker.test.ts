import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { apiBreaker } from '../../functions/proxy/plugins/traffic/api-breaker.ts';
import { createDeferred } from '../../local/deferred.ts';
import { rejectionOf, thrownBy, toExchange, toResponse, toServices } from '../support/builders.ts';

const context = { pointer: '/plugins/api-breaker', written: {} };

function prepare(config: object, now: () => number = () => 0) {
  const services = { ...toServices(), now };
  return apiBreaker.prepare(config, services, context).middleware;
}

/** A breaker whose upstream answers what it is told, on a clock that stands still unless it is moved. */
function createRig(config: object = {}) {
  let nowMs = 1_000_000;
  let calls = 0;
  const middleware = prepare({ break_response_code: 503, ...config }, () => nowMs);
  const ask = async (answer: number | ProxyError): Promise<number | ProxyError> => {
    const next = async (): Promise<ProxyResponse> => {
      calls += 1;
      if (typeof answer === 'number') return toResponse({ status: answer });
      throw answer;
    };
    return middleware(toExchange(), next).then(
      ({ status }) => status,
      (error) => error as ProxyError,
    );
  };
  const askAll = async (...answers: readonly (number | ProxyError)[]) => {
    for (const answer of answers) await ask(answer);
  };
  return {
    ask,
    askAll,
    calls: () => calls,
    passMs: (ms: number) => {
      nowMs += ms;
    },
    /** Milliseconds until a request passes again; the breaker is left as it is, since 418 counts for nothing. */
    async openMs(): Promise<number> {
      const startMs = nowMs;
      while ((await ask(418)) !== 418) nowMs += 500;
      const openMs = nowMs - startMs;
      return openMs;
    },
  };
}

const isOpen = expect.objectContaining({ code: 'BREAKER_OPEN' });

test('three failures open it for two seconds, in which the upstream is not called', async () => {
  const { ask, askAll, calls, passMs } = createRig();
  await askAll(500, 500);
  expect(await ask(500)).toBe(500);

  expect(await ask(200)).toEqual(isOpen);
  passMs(1999);
  expect(await ask(200)).toEqual(isOpen);
  expect(calls()).toBe(3);

  passMs(1);
  expect(await ask(200)).toBe(200);
});

test('each rest is twice as long as the one before, up to max_breaker_sec', async () => {
  const { askAll, openMs } = createRig({ max_breaker_sec: 20 });
  const rests: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    await askAll(500, 500, 500);
    rests.push(await openMs());
  }
  expect(rests).toEqual([2000, 4000, 8000, 16_000, 20_000, 20_000]);
});

test('behind a rest it takes as many failures as before to open it again', async () => {
  const { ask, askAll, openMs, passMs } = createRig({ unhealthy: { failures: 5 } });
  await askAll(500, 500, 500, 500, 500);
  passMs(2000);

  expect(await ask(500)).toBe(500);
  expect(await ask(200)).toBe(200);
  await askAll(500, 500, 500, 500);
  expect(await openMs()).toBe(4000);
});

test('by default a rest is five minutes at the longest, after any number of failures', async () => {
  const { askAll, openMs, passMs } = createRig({ unhealthy: { failures: 1 } });
  for (let failure = 0; failure < 2000; failure += 1) {
    await askAll(500);
    passMs(300_000);
  }
  await askAll(500);
  expect(await openMs()).toBe(300_000);
});

test('enough healthy answers behind a rest forget the failures', async () => {
  const { ask, askAll, passMs } = createRig({ healthy: { successes: 2 } });
  await askAll(500, 500, 500);
  passMs(2000);
  await askAll(200, 200);

  await askAll(500, 500);
  expect(await ask(200)).toBe(200);
});

test('a failure starts the count of healthy answers again', async () => {
  const { ask, askAll, passMs } = createRig({ healthy: { successes: 2 } });
  await askAll(500, 200, 500, 200, 500);

  expect(await ask(200)).toEqual(isOpen);
  passMs(2000);
  expect(await ask(200)).toBe(200);
});

test('only the statuses that are named count', async () => {
  const { ask, askAll } = createRig({
    unhealthy: { http_statuses: [502, 504], failures: 1 },
    healthy: { http_statuses: [204], successes: 1 },
  });
  await askAll(500, 503, 429, 400);
  expect(await ask(502)).toBe(502);
  expect(await ask(204)).toEqual(isOpen);
});

test.each([
  ['UPSTREAM_UNREACHABLE', 502],
  ['UPSTREAM_CUT', 502],
  ['UPSTREAM_INVALID_RESPONSE', 502],
  ['UPSTREAM_TIMEOUT', 504],
] as const)('%s counts as %i', async (code, status) => {
  const { ask } = createRig({ unhealthy: { http_statuses: [status], failures: 1 } });
  await ask(new ProxyError(code, 'x'));
  expect(await ask(200)).toEqual(isOpen);
});

test.each([
  'CREDENTIALS_UNAVAILABLE',
  'UPSTREAM_ACCESS_DENIED',
  'UPSTREAM_SIGNATURE_REJECTED',
  'BODY_TOO_LARGE',
  'NO_UPSTREAM',
  'INTERNAL',
] as const)('%s says nothing of the health of the upstream', async (code) => {
  const { ask } = createRig({
    unhealthy: { http_statuses: [500, 502, 503], failures: 1 },
  });
  await ask(new ProxyError(code, 'x'));
  expect(await ask(200)).toBe(200);
});

test('the response has code, body and headers of the document, and Retry-After', async () => {
  const { ask, askAll, passMs } = createRig({
    break_response_code: 502,
    break_response_body: 'resting',
    break_response_headers: [{ key: 'X-Rest', value: 'yes' }],
    unhealthy: { failures: 1 },
  });
  await askAll(500);
  passMs(100);
  expect(await ask(200)).toMatchObject({
    code: 'BREAKER_OPEN',
    answer: { status: 502, body: 'resting' },
    headers: { 'x-rest': 'yes', 'retry-after': '2' },
  });
});

test.each([
  ['no code', {}],
  ['a code that is none', { break_response_code: 600 }],
  ['headers without a body', { break_response_code: 503, break_response_headers: [] }],
  ['a rest of less than three seconds', { break_response_code: 503, max_breaker_sec: 2 }],
  ['unhealthy below 500', { break_response_code: 503, unhealthy: { http_statuses: [404] } }],
  ['healthy from 500', { break_response_code: 503, healthy: { http_statuses: [500] } }],
  ['a status twice', { break_response_code: 503, unhealthy: { http_statuses: [500, 500] } }],
  ['no failures', { break_response_code: 503, unhealthy: { failures: 0 } }],
  ['an unknown attribute', { break_response_code: 503, errors: 3 }],
  [
    'a variable, which is not resolved here',
    {
      break_response_code: 503,
      break_response_body: 'x',
      break_response_headers: [{ key: 'a', value: '$remote_addr' }],
    },
  ],
])('a document with %s is invalid', (_, config) => {
  expect(thrownBy(() => prepare(config))).toBeInstanceOf(DocumentError);
});

test('an error of ours is handed on as it is', async () => {
  const error = new Error('unexpected');
  const middleware = prepare({ break_response_code: 503 });
  expect(await rejectionOf(middleware(toExchange(), () => Promise.reject(error)))).toBe(error);
});

test('an error of ours with the code of an upstream says nothing of its health', async () => {
  const { ask } = createRig({ unhealthy: { http_statuses: [504], failures: 1 } });
  await ask(Object.assign(new Error('x'), { code: 'UPSTREAM_TIMEOUT' }) as ProxyError);
  expect(await ask(200)).toBe(200);
});

test('statuses that are not healthy forget no failures, and healthy ones do', async () => {
  const one = createRig();
  await one.askAll(500, 500, 418, 418, 418, 500);
  expect(await one.ask(200)).toEqual(isOpen);

  const other = createRig();
  await other.askAll(500, 500, 200, 200, 200, 500);
  expect(await other.ask(200)).toBe(200);
});

test('healthy answers that were under way end a rest at once', async () => {
  const middleware = prepare({ break_response_code: 503, healthy: { successes: 1 } });
  const answer = createDeferred<ProxyResponse>();
  const underWay = middleware(toExchange(), () => answer.promise);
  const fail = () => middleware(toExchange(), async () => toResponse({ status: 500 }));
  for (let failure = 0; failure < 3; failure += 1) await fail();
  expect(await rejectionOf(fail())).toEqual(isOpen);

  answer.resolve(toResponse());
  await underWay;
  expect(await fail()).toMatchObject({ status: 500 });
});

test.each([
  [{ unhealthy: { http_statuses: [500, 500] } }, 'each status once'],
  [{ break_response_headers: [{ key: 'a', value: 'b\n' }] }, 'without control characters'],
])('with %j it is said what a document must have', (config, expected) => {
  const whole = { break_response_code: 503, break_response_body: 'x', ...config };
  expect(thrownBy(() => prepare(whole))).toMatchObject({
    message: expect.stringContaining(expected),
  });
});

test('the plugin is found by its name', () => {
  expect(apiBreaker.name).toBe('api-breaker');
});
