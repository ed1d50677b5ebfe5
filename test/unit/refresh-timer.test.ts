import { createRefreshRig, farMs, pass, startMs } from '../support/refresh-rig.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: startMs });
});
afterEach(() => {
  jest.useRealTimers();
});

test('an environment without requests is refreshed by a timer, also by one that fires a millisecond early', async () => {
  const early = (callback: () => void, delayMs: number) => setTimeout(callback, delayMs - 1);
  const { source, loads } = createRefreshRig({ later: early });
  await source.start();

  await pass(30_000);

  expect(loads).toEqual([0, 9999, 19_998, 29_997]);
});

test('a timer does nothing where a request came before it', async () => {
  const { source, loads } = createRefreshRig({
    later: (callback, delayMs) => setTimeout(callback, delayMs + 500),
  });
  await source.start();

  await pass(10_200);
  await source.current(farMs);
  await pass(10_400);

  expect(loads).toEqual([0, 10_200]);
});
