import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';
import { createRefreshRig, farMs, pass, startMs } from '../support/refresh-rig.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: startMs });
});
afterEach(() => {
  jest.useRealTimers();
});

test.each([
  ['with a table', 10_000, 'v1', 1],
  ['without a table', 10_000, new Error('broken'), 0],
  ['with an interval of 0, where each request refreshes', 0, 'v1', 0],
] as const)(
  '%s, this many refreshes are set for later: %#',
  async (_, intervalMs, answer, expected) => {
    const delays: number[] = [];
    const rig = createRefreshRig({
      intervalMs,
      later: (_callback, delayMs) => delays.push(delayMs),
    });
    rig.answer(answer satisfies string | Error);
    await rig.source.start();
    await pass(0);

    expect(delays).toHaveLength(expected);
  },
);

test.each([
  ['fails', new Error('broken'), 2],
  ['is throttled', new AwsServiceError('ThrottlingException', 400, 'slow down'), 1],
  ['succeeds', 'v2', 1],
] as const)(
  'after idleness, a refresh that was under way and %s: loads, this one included',
  async (_, answer, expected) => {
    // Prepare: the refresh of a first request takes 200 ms
    const rig = createRefreshRig({ loadMs: 200 });
    await Promise.all([rig.source.start(), pass(200)]);
    const before = rig.loads.length;
    rig.answer(answer);
    await pass(11_000);
    await rig.source.current(farMs);

    // Act: the environment freezes inside it, and thaws with another request
    jest.setSystemTime(Date.now() + 120_000);
    const current = rig.source.current(farMs);
    await pass(1000);
    await current;

    // Assess
    expect(rig.loads.length - before).toBe(expected);
  },
);

test('an environment with a request now and then is not idle, however old it is', async () => {
  const rig = createRefreshRig({ loadMs: 200 });
  await Promise.all([rig.source.start(), pass(200)]);
  for (let times = 0; times < 4; times += 1) {
    await pass(30_000);
    await rig.source.current(farMs);
    await pass(300);
  }
  rig.answer('v2');
  await pass(30_000);

  expect((await rig.source.current(farMs)).version).toBe('v1');
});

test('after six intervals to the millisecond nothing waits', async () => {
  const rig = createRefreshRig({ loadMs: 200 });
  await Promise.all([rig.source.start(), pass(200)]);
  await rig.source.current(farMs);
  rig.answer('v2');
  await pass(60_000);

  expect((await rig.source.current(farMs)).version).toBe('v1');
});

test('that the routes can be read again is said once', async () => {
  const rig = createRefreshRig();
  await rig.source.start();
  for (const answer of [new Error('broken'), 'v1', 'v2', 'v3']) {
    rig.answer(answer);
    await pass(30_000);
    await rig.source.current(farMs);
    await pass(1);
  }

  expect(rig.log.lines.map(({ message, fields }) => fields['event'] ?? message)).toEqual([
    'refresh-failed',
    'the routes can be read again',
  ]);
});
