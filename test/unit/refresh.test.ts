import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';
import { rejectionOf } from '../support/builders.ts';
import { createRefreshRig, farMs, pass, startMs } from '../support/refresh-rig.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: startMs });
});
afterEach(() => {
  jest.useRealTimers();
});

const throttle = new AwsServiceError('ThrottlingException', 400, 'slow down');

test('the table that was loaded at the start serves requests at once, without another load', async () => {
  const { source, loads, announced } = createRefreshRig();
  await source.start();
  expect((await source.current(farMs)).version).toBe('v1');
  expect({ loads, announced }).toEqual({ loads: [0], announced: ['v1'] });
});

test('INIT waits for the first load no longer than six seconds', async () => {
  const rig = createRefreshRig();
  rig.answer('never');
  let isStarted = false;
  const start = rig.source.start().then(() => {
    isStarted = true;
  });
  await pass(5999);
  expect(isStarted).toBe(false);
  await pass(1);
  await start;
});

test.each([
  [0, 9000],
  [0.5, 10_000],
  [0.75, 10_500],
])(
  'with a random number of %d the table is due for a refresh after %d ms',
  async (random, dueMs) => {
    // Prepare
    const { source, loads } = createRefreshRig({ random });
    await source.start();

    // Act
    await pass(dueMs - 1);
    await source.current(farMs);
    const before = loads.length;
    await pass(1);
    await source.current(farMs);
    await pass(0);

    // Assess
    expect([before, loads.length]).toEqual([1, 2]);
  },
);

test('while a refresh is under way requests go on with the old table, and start no other', async () => {
  // Prepare
  const rig = createRefreshRig({ loadMs: 300 });
  await Promise.all([rig.source.start(), pass(300)]);
  rig.answer('v2');
  await pass(10_000);

  // Act
  const during = await Promise.all([1, 2, 3].map(() => rig.source.current(farMs)));
  await pass(299);
  const late = await rig.source.current(farMs);
  await pass(1);
  const after = await rig.source.current(farMs);

  // Assess
  expect([...during, late, after].map(({ version }) => version)).toEqual([
    'v1',
    'v1',
    'v1',
    'v1',
    'v2',
  ]);
  expect(rig.loads).toHaveLength(2);
  expect(rig.announced).toEqual(['v1', 'v2']);
});

test('a table that stays the same is not announced again', async () => {
  const { source, announced } = createRefreshRig();
  await source.start();
  await pass(10_000);
  await source.current(farMs);
  await pass(0);
  expect(announced).toEqual(['v1']);
});

test('after more than six intervals of idleness a request waits for the refresh', async () => {
  const rig = createRefreshRig({ loadMs: 200 });
  await Promise.all([rig.source.start(), pass(200)]);
  rig.answer('v2');
  await pass(60_001);
  const current = rig.source.current(farMs);
  await pass(200);
  expect((await current).version).toBe('v2');
});

test('after idleness it waits one second at most, then the old table serves', async () => {
  const rig = createRefreshRig();
  await rig.source.start();
  rig.answer('never');
  await pass(60_001);
  const current = rig.source.current(farMs);
  await pass(1000);
  expect((await current).version).toBe('v1');
});

test('after idleness it waits no longer than the deadline', async () => {
  const rig = createRefreshRig();
  await rig.source.start();
  rig.answer('never');
  await pass(60_001);
  const current = rig.source.current(Date.now() + 200);
  await pass(200);
  expect((await current).version).toBe('v1');
});

test('after six intervals or less nothing waits', async () => {
  const rig = createRefreshRig({ loadMs: 200 });
  await Promise.all([rig.source.start(), pass(200)]);
  rig.answer('v2');
  await pass(59_799);
  expect((await rig.source.current(farMs)).version).toBe('v1');
});

test('a refresh that fails keeps the last table, says so, and is tried again after an interval', async () => {
  // Prepare
  const rig = createRefreshRig();
  await rig.source.start();
  rig.answer(new Error('no network'));

  // Act
  await pass(10_000);
  const { version } = await rig.source.current(farMs);
  await pass(9999);
  await rig.source.current(farMs);
  const early = rig.loads.length;
  rig.answer('v2');
  await pass(1);
  await rig.source.current(farMs);
  await pass(0);

  // Assess
  expect(version).toBe('v1');
  expect([early, rig.loads.length]).toEqual([2, 3]);
  expect(rig.log.lines.map(({ level, message }) => [level, message])).toEqual([
    ['error', 'the routes could not be read; the last table stays in force'],
    ['info', 'the routes can be read again'],
  ]);
  expect((await rig.source.current(farMs)).version).toBe('v2');
});

async function gapsWhileFailing(
  rig: ReturnType<typeof createRefreshRig>,
  { error, stepMs }: { readonly error: Error; readonly stepMs: number },
) {
  await rig.source.start();
  rig.answer(error);
  for (let waitedMs = 0; waitedMs < 3_000_000; waitedMs += stepMs) {
    await pass(stepMs);
    await rig.source.current(farMs);
  }
  return rig.loads.slice(1).map((atMs, index) => atMs - (rig.loads[index] ?? 0));
}

test.each([
  ['throttled', throttle],
  ['failing', new Error('no network')],
])('%s refreshes back off with full jitter, up to twice as long each time', async (_, error) => {
  const gaps = await gapsWhileFailing(createRefreshRig(), { error, stepMs: 1000 });
  // The random number is a half: of 20, 40, 80, 160 and 300 seconds. No pause is shorter than the interval.
  expect(gaps.slice(0, 7)).toEqual([10_000, 10_000, 20_000, 40_000, 80_000, 150_000, 150_000]);
});

test('however small the random number, a failed refresh is made again no sooner than the interval', async () => {
  const rig = createRefreshRig({ random: 0 });
  const gaps = await gapsWhileFailing(rig, { error: throttle, stepMs: 1000 });
  expect(new Set(gaps)).toEqual(new Set([9000]));
});

test('the longest pause is five minutes, jitter included', async () => {
  const gaps = await gapsWhileFailing(createRefreshRig({ random: 0.999 }), {
    error: throttle,
    stepMs: 1000,
  });
  expect(Math.max(...gaps)).toBeLessThanOrEqual(300_000);
});

test('throttled refreshes back off when every request asks for one, too', async () => {
  const rig = createRefreshRig({ intervalMs: 0 });
  await rig.source.start();
  rig.answer(throttle);
  for (let tries = 0; tries < 100; tries += 1) {
    await pass(10);
    await rig.source.current(farMs);
  }
  expect(rig.loads.length).toBeLessThan(10);
});

test('an interval longer than five minutes is not made shorter by throttling', async () => {
  const rig = createRefreshRig({ intervalMs: 3_600_000 });
  await rig.source.start();
  rig.answer(throttle);
  await pass(3_600_000);
  await rig.source.current(farMs);
  await pass(3_599_999);
  await rig.source.current(farMs);
  expect(rig.loads).toHaveLength(2);
});

test('after one success the pause is an interval again', async () => {
  const rig = createRefreshRig();
  await rig.source.start();
  for (const answer of [throttle, throttle, throttle, 'v2', throttle]) {
    rig.answer(answer);
    await pass(50_000);
    await rig.source.current(farMs);
    await pass(0);
  }
  rig.answer('v3');
  await pass(9999);
  await rig.source.current(farMs);
  expect(rig.loads).toHaveLength(6);
  await pass(1);
  await rig.source.current(farMs);
  expect(rig.loads).toHaveLength(7);
});

test('without a table a request gets 503 with a time to try again, and the cause is for the log', async () => {
  // Prepare
  const rig = createRefreshRig();
  const cause = new Error('no network');
  rig.answer(cause);
  await rig.source.start();

  // Act
  const error = await rejectionOf(rig.source.current(farMs));

  // Assess
  expect(error).toMatchObject({
    code: 'ROUTES_UNAVAILABLE',
    headers: { 'retry-after': '1' },
    cause,
  });
});

test('without a table requests try again, once a second at most', async () => {
  const rig = createRefreshRig();
  rig.answer(new Error('no network'));
  await rig.source.start();
  for (let waitedMs = 0; waitedMs < 5000; waitedMs += 100) {
    await rejectionOf(rig.source.current(farMs));
    await pass(100);
  }
  expect(rig.loads).toEqual([0, 1000, 2000, 3000, 4000]);
});

test('without a table a request waits for the load that is under way', async () => {
  const rig = createRefreshRig({ loadMs: 400 });
  void rig.source.start();
  const waiting = [rig.source.current(farMs), rig.source.current(farMs)];
  await pass(400);
  expect((await Promise.all(waiting)).map(({ version }) => version)).toEqual(['v1', 'v1']);
  expect(rig.loads).toEqual([0]);
});

test.each([
  ['five seconds', farMs, 5000],
  ['its deadline', startMs + 700, 700],
])('without a table a request waits no longer than %s', async (_, deadlineMs, waitMs) => {
  const rig = createRefreshRig();
  rig.answer('never');
  void rig.source.start();
  const rejection = rejectionOf(rig.source.current(deadlineMs));
  await pass(waitMs);
  expect(await rejection).toMatchObject({ code: 'ROUTES_UNAVAILABLE' });
});

test('at a cold start a throttled load is tried again soon, six times in all', async () => {
  const rig = createRefreshRig({ random: 0.5 });
  rig.answer(throttle);
  const start = rig.source.start();
  await pass(6000);
  await start;
  expect(rig.loads).toEqual([0, 100, 300, 700, 1500, 3100]);
});
