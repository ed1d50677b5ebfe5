/** Snapshots that may not be served from, and what protects those that may. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { createHold } from '../../local/faults.ts';
import { eventually } from '../support/eventually.ts';
import { outage, useSnapshotRig } from '../support/publication.ts';
import { bucket, key, root, type SnapshotRig } from '../support/snapshot-rig.ts';

let rig: SnapshotRig;
const { startSnapshotRig, route } = useSnapshotRig();

describe('a proxy with a table', () => {
  test('never waits for S3 with a request', async () => {
    rig = await startSnapshotRig();
    await rig.edit('routes/first', route('/first'));
    const proxy = await rig.startProxy();
    const hold = createHold();
    rig.objects.faults.push({ on: 'GetObject', ...outage, hold });
    await hold.arrived;

    for (let count = 0; count < 20; count += 1) expect(await proxy.statusOf('/first')).toBe(200);

    hold.release();
  });

  test.each([
    ['is for another root', (header: object) => ({ ...header, root: '/another' })],
    ['has an unknown format', (header: object) => ({ ...header, format: 2 })],
    ['is older', (header: object) => ({ ...header, sequence: 1 })],
  ])('refuses a snapshot that %s, and names that', async (_, change) => {
    rig = await startSnapshotRig();
    await rig.edit('routes/first', route('/first'));
    const proxy = await rig.startProxy();
    const { bytes } = rig.objects.get(bucket, key) ?? { bytes: Buffer.alloc(0) };

    rig.objects.put(bucket, key, withHeader(bytes, change));

    const line = await proxy.logged({ event: 'refresh-failed' });
    expect(String(line['error'])).toMatch(/the snapshot (is of|has format|has sequence)/);
    expect(await proxy.statusOf('/first')).toBe(200);
  });
});

describe('a proxy without a table', () => {
  test('answers 503 while nothing is published, says so, asks Parameter Store nothing, and begins by itself', async () => {
    rig = await startSnapshotRig({ isEmpty: false });
    const proxy = await rig.startProxy();

    expect(await proxy.statusOf('/first')).toBe(503);
    expect(proxy.text()).toContain(`no snapshot has been published yet: s3://${bucket}/${key}`);
    await rig.edit('routes/first', route('/first'));

    await proxy.until('/first', 200);
    expect(proxy.text()).not.toContain('Parameter Store');
  });
});

describe('an encrypted snapshot', () => {
  test('holds nothing that can be read without KMS, and a publication has a data key of its own', async () => {
    rig = await startSnapshotRig({ isEncrypted: true });
    rig.put('secrets/key', 'secret-one', 'SecureString');
    await rig.edit('routes/first', route('/first'));
    const proxy = await rig.startProxy();
    expect(await proxy.statusOf('/first')).toBe(200);
    await rig.edit('routes/second', route('/second'));
    await proxy.until('/second', 200);

    const stored = rig.objects.versions(bucket, key).map((version) => {
      const bytes = 'bytes' in version ? version.bytes : Buffer.alloc(0);
      return bytes.toString('latin1');
    });
    for (const text of stored) expect(text).not.toContain('secret-one');
    const envelopes = stored.map((text) => JSON.parse(text.split('\n', 1)[0] ?? '') as object);
    expect(new Set(envelopes.map((envelope) => JSON.stringify(envelope))).size).toBe(stored.length);
    expect(envelopes[0]).toMatchObject({ encryption: 'AES-256-GCM', root });
    const contexts = rig.keys.calls.map(({ encryptionContext }) => encryptionContext);
    expect(contexts).toContainEqual({
      'countersign:root': root,
      'countersign:sequence': expect.stringMatching(/^\d+$/),
    });
  });

  test('costs an environment one call to KMS a change', async () => {
    rig = await startSnapshotRig({ isEncrypted: true });
    await rig.edit('routes/first', route('/first'));
    rig.keys.calls.length = 0;
    const proxy = await rig.startProxy();
    await eventually(() => rig.countCalls('GetObject') > 8);
    expect(await proxy.statusOf('/first')).toBe(200);
    expect(rig.keys.calls.map(({ operation }) => operation)).toEqual(['Decrypt']);
  });

  test.each([
    [
      'its envelope says another sequence',
      (text: string) => text.replace(/"sequence":\d+/, '"sequence":9'),
    ],
    ['its bytes are damaged', (text: string) => `${text.slice(0, -1)}x`],
    ['it is cut', (text: string) => text.slice(0, -20)],
    ['it is empty', () => ''],
    ['it is replaced by an open one', () => gzipSync('{}').toString('latin1')],
  ])('is refused when %s', async (_, change) => {
    rig = await startSnapshotRig({ isEncrypted: true });
    await rig.edit('routes/first', route('/first'));
    const proxy = await rig.startProxy();
    const { bytes } = rig.objects.get(bucket, key) ?? { bytes: Buffer.alloc(0) };

    rig.objects.put(bucket, key, Buffer.from(change(bytes.toString('latin1')), 'latin1'));

    await proxy.logged({ event: 'refresh-failed' });
    expect(await proxy.statusOf('/first')).toBe(200);
    expect(await (await rig.startProxy()).statusOf('/first')).toBe(503);
  });
});

/** Another header before the same body: its digest still holds. */
function withHeader(stored: Buffer, change: (header: object) => object): Buffer {
  const bytes = gunzipSync(stored).toString('latin1');
  const end = bytes.indexOf('\n');
  const header = JSON.stringify(change(JSON.parse(bytes.slice(0, end)) as object));
  return gzipSync(Buffer.from(`${header}${bytes.slice(end)}`, 'latin1'));
}
