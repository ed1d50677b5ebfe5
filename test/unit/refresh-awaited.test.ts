/** Whether a refresh is told that a request waits for it: only then it does not stand back for other requests. */
import { createRefreshRig, farMs, pass, startMs } from '../support/refresh-rig.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: startMs });
});
afterEach(() => {
  jest.useRealTimers();
});

async function startRig() {
  const rig = createRefreshRig({ loadMs: 200 });
  await Promise.all([rig.source.start(), pass(200)]);
  return rig;
}

test('a refresh that a request waits for after idleness hurries', async () => {
  const { source, hurried } = await startRig();
  await pass(60_001);
  const current = source.current(farMs);
  const atOnce = hurried();
  await pass(200);
  await current;

  expect([atOnce, hurried()]).toEqual([1, 1]);
});

test('it hurries also when it is made again because a freeze broke it off', async () => {
  const { source, hurried, answer } = await startRig();
  answer(new Error('the connection is gone'));
  await pass(10_000);
  await source.current(farMs);
  jest.setSystemTime(Date.now() + 60_001);
  const current = source.current(farMs);
  const atOnce = hurried();
  answer('v2');
  await pass(400);

  expect((await current).version).toBe('v2');
  expect([atOnce, hurried()]).toEqual([1, 2]);
});

test('a refresh that no request waits for does not hurry', async () => {
  const { source, hurried, loads } = await startRig();
  await pass(10_000);
  await source.current(farMs);
  await pass(200);

  expect(loads).toHaveLength(2);
  expect(hurried()).toBe(0);
});

test('after idleness a request waits for nothing where no refresh is due', async () => {
  const { source, loads, answer } = createRefreshRig({ random: 0.99 });
  await source.start();
  answer(new Error('no network'));
  for (let tries = 0; tries < 6; tries += 1) {
    await pass(300_000);
    await source.current(farMs);
  }
  await pass(60_001);
  const before = { loads: loads.length, timers: jest.getTimerCount() };
  const current = source.current(farMs);

  expect({ loads: loads.length, timers: jest.getTimerCount() }).toEqual(before);
  expect((await current).version).toBe('v1');
});
