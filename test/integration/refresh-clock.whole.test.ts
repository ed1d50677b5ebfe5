/** How often the built proxy asks for the snapshot at the default interval, under a clock that runs fifty times as fast. */
import { fastClock } from '../support/fast-clock.ts';
import { outage, useSnapshotRig } from '../support/publication.ts';
import type { Proxy as ProxyFunction, SnapshotRig } from '../support/snapshot-rig.ts';

const factor = 50;
/** All of the test has to stay below the 15 minutes by which the clock of a signed call may be wrong. */
const minutes = 4;
/** With 90 % of the interval of 10 seconds between two calls. */
const max = (minutes * 60) / 9 + 1;

const { startSnapshotRig, route } = useSnapshotRig();
let rig: SnapshotRig;
let proxy: ProxyFunction;

/** @returns how often the proxy asks for the snapshot in four of its minutes, while requests go on */
async function countRefreshes(): Promise<number> {
  const before = rig.countCalls('GetObject');
  const untilMs = Date.now() + (minutes * 60_000) / factor;
  while (Date.now() < untilMs) expect(await proxy.statusOf('/nowhere')).toBe(404);
  return rig.countCalls('GetObject') - before;
}

test('it asks once an interval, seldom in an outage, and comes back by itself', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  proxy = await rig.startProxy({
    COUNTERSIGN_REFRESH_SECONDS: '10',
    NODE_OPTIONS: fastClock(factor),
  });

  const usual = await countRefreshes();
  rig.objects.faults.push({ on: 'GetObject', ...outage, error: { code: 'InternalError' } });
  const failing = await countRefreshes();
  rig.objects.faults.length = 0;
  await rig.edit('routes/second', { uri: '/second', plugins: { redirect: { uri: '/first' } } });

  expect(usual).toBeGreaterThan(max / 8);
  expect(usual).toBeLessThanOrEqual(max);
  // Pauses double, up to five minutes.
  expect(failing).toBeLessThan(max / 2);
  await proxy.until('/second', 302);
});
