/** S3, KMS and Parameter Store that fail at each step of a publication. */
import { createHold } from '../../local/faults.ts';
import { outage, useSnapshotRig } from '../support/publication.ts';
import { bucket, key, type SnapshotRig } from '../support/snapshot-rig.ts';

let rig: SnapshotRig;
const { startSnapshotRig, route } = useSnapshotRig();

describe('a publisher', () => {
  const statusOf = async (target: string) => (await rig.startProxy()).statusOf(target);

  test.each([
    ['reads the snapshot', 'GetObject'],
    ['writes it', 'PutObject'],
  ])(
    'fails its invocation when S3 fails as it %s, and the event that comes again is published',
    async (_, on) => {
      rig = await startSnapshotRig();
      rig.put('routes/first', route('/first'));
      // A policy that has not arrived everywhere is refused like one that is missing: the next run finds it.
      const faults = [{ code: 'InternalError' }, { code: 'AccessDenied' }].map((error) => ({
        error,
      }));
      for (const fault of [...faults, { reset: true } as const]) {
        rig.objects.faults.push({ on, ...outage, ...fault });
        expect(await rig.deliver('Create', 'routes/first')).toMatchObject({ kind: 'error' });
        rig.objects.faults.length = 0;
      }

      expect(await rig.deliver('Create', 'routes/first')).toMatchObject({ kind: 'buffered' });

      expect(await statusOf('/first')).toBe(200);
    },
  );

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

  test('fails its invocation when KMS refuses a data key, and what stands goes on standing', async () => {
    rig = await startSnapshotRig({ isEncrypted: true });
    await rig.edit('routes/first', route('/first'));
    rig.keys.denied.add('GenerateDataKey');
    rig.put('routes/second', route('/second'));

    expect(await rig.deliver('Create', 'routes/second')).toMatchObject({ kind: 'error' });

    expect(await statusOf('/first')).toBe(200);
  });

  test.each(['GetParameters', 'GetParameterHistory', 'GetParametersByPath'])(
    'publishes nothing that it could not read whole (%s fails)',
    async (operation) => {
      let isFailing = false;
      const refuse = { type: 'InternalServerError', status: 500 } as const;
      const intercept = (name: string) => (isFailing && name === operation ? refuse : undefined);
      rig = await startSnapshotRig({ store: { intercept } });
      await rig.edit('routes/first', route('/first'));
      const before = rig.objects.get(bucket, key)?.etag;
      isFailing = true;
      rig.put('routes/first', route('/second'));
      rig.put('routes/first', '{"uri": ');
      rig.put('routes/third', route('/third'));
      const event = operation === 'GetParametersByPath' ? {} : undefined;
      const answer = event ? rig.invoke(event) : rig.deliver('Update', 'routes/first');
      expect(await answer).toMatchObject({ kind: 'error' });
      expect(rig.objects.get(bucket, key)?.etag).toBe(before);

      isFailing = false;
      await rig.invoke({});
      const proxy = await rig.startProxy();
      expect([await proxy.statusOf('/second'), await proxy.statusOf('/third')]).toEqual([200, 200]);
    },
  );
});
