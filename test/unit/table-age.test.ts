import { createRefreshRig, farMs, pass, startMs } from '../support/refresh-rig.ts';

beforeEach(() => jest.useFakeTimers({ now: startMs }));
afterEach(() => jest.useRealTimers());

test('the age of the table is the time since the last reading that succeeded', async () => {
  const { source, answer } = createRefreshRig();
  expect(source.ageMs()).toBeUndefined();
  await source.start();
  expect(source.ageMs()).toBe(0);

  answer(new Error('down'));
  await pass(11_000);
  await source.current(farMs);
  await pass(100);
  expect(source.ageMs()).toBe(11_100);

  answer('v1');
  await pass(11_000);
  await source.current(farMs);
  await pass(100);
  expect(source.ageMs()).toBe(100);
});
