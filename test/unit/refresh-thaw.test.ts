import { createRefreshRig, farMs, pass, startMs } from '../support/refresh-rig.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: startMs });
});
afterEach(() => {
  jest.useRealTimers();
});

test('a refresh that was frozen with its environment and died of it is made anew for the first request', async () => {
  // Prepare
  const rig = createRefreshRig({ loadMs: 200 });
  await Promise.all([rig.source.start(), pass(200)]);
  rig.answer(new Error('the connection is gone'));
  await pass(10_000);
  await rig.source.current(farMs);
  rig.answer('v2');

  // Act: an hour of which the process knows nothing
  jest.setSystemTime(Date.now() + 3_600_000);
  const current = rig.source.current(farMs);
  await pass(400);

  // Assess
  expect((await current).version).toBe('v2');
});
