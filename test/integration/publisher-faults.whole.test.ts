/** A publisher beside another one, and one whose snapshot is damaged or gone. */
import { createHold } from '../../local/faults.ts';
import { useSnapshotRig } from '../support/publication.ts';
import { bucket, key, type SnapshotRig } from '../support/snapshot-rig.ts';

let rig: SnapshotRig;
const { startSnapshotRig, route } = useSnapshotRig();

describe('a publisher', () => {
  const statusOf = async (target: string) => (await rig.startProxy()).statusOf(target);

  test('whose write stands though its answer was lost publishes the same again, and no more', async () => {
    rig = await startSnapshotRig();
    rig.put('routes/first', route('/first'));
    rig.objects.faults.push({ on: 'PutObject', reset: true, isDone: true });

    await rig.deliver('Create', 'routes/first');
    await rig.deliver('Create', 'routes/first');

    expect(await statusOf('/first')).toBe(200);
    expect(rig.objects.versions(bucket, key)).toHaveLength(2);
  });

  test.each(['PreconditionFailed', 'ConditionalRequestConflict'])(
    'that loses against another reads again, and undoes nothing (%s)',
    async (code) => {
      rig = await startSnapshotRig();
      const hold = createHold();
      rig.objects.faults.push({ on: 'PutObject', hold, error: { code } });
      rig.put('routes/first', route('/first'));
      const first = rig.deliver('Create', 'routes/first');
      await hold.arrived;
      await rig.edit('routes/second', route('/second'));
      hold.release();
      await first;

      const proxy = await rig.startProxy();
      expect([await proxy.statusOf('/first'), await proxy.statusOf('/second')]).toEqual([200, 200]);
    },
  );

  test('makes a damaged snapshot anew from Parameter Store, and says so', async () => {
    rig = await startSnapshotRig();
    await rig.edit('routes/first', route('/first'));
    rig.objects.put(bucket, key, 'damaged');

    await rig.edit('routes/second', route('/second'));

    const proxy = await rig.startProxy();
    expect([await proxy.statusOf('/first'), await proxy.statusOf('/second')]).toEqual([200, 200]);
    expect(rig.text()).toContain('snapshot-damaged');
  });

  test('goes on after the object was deleted, with a sequence that proxies take', async () => {
    rig = await startSnapshotRig();
    await rig.edit('routes/first', route('/first'));
    const proxy = await rig.startProxy();
    rig.objects.remove(bucket, key);
    await proxy.logged({ event: 'refresh-failed' });

    await rig.edit('routes/second', route('/second'));

    await proxy.until('/second', 200);
    expect(await proxy.statusOf('/first')).toBe(200);
  });
});
