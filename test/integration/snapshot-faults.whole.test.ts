/** Snapshots that may not be served from, and what protects those that may. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { createHold } from '../../local/faults.ts';
import { eventually } from '../support/eventually.ts';
import { outage, useSnapshotRig } from '../support/publication.ts';
import {
  bucket,
  key,
  startSnapshotRig as openSnapshotRig,
  type Proxy as ProxyFunction,
  root,
  type SnapshotRig,
} from '../support/snapshot-rig.ts';

let rig: SnapshotRig;
const { startSnapshotRig, route } = useSnapshotRig();

let edits = 0;
/** @param from how many lines are of earlier failures */
const hasFailed = (proxy: ProxyFunction, from: number) =>
  proxy
    .lines()
    .slice(from)
    .find(({ event }) => event === 'refresh-failed');

/**
 * Publishes a route that no test had before, and waits until it is in force.
 *
 * @returns its path, the published bytes, and how many lines the proxy has written by then
 */
async function publishEdit(shared: SnapshotRig, proxy: ProxyFunction) {
  edits += 1;
  const target = `/edit-${edits}`;
  await shared.edit('routes/first', route(target));
  await proxy.until(target, 200);
  const { bytes } = shared.objects.get(bucket, key) ?? { bytes: Buffer.alloc(0) };
  return { target, bytes, from: proxy.lines().length };
}

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

  let shared: SnapshotRig;
  let proxy: ProxyFunction;
  beforeAll(async () => {
    shared = await openSnapshotRig();
    proxy = await shared.startProxy();
  });
  afterAll(() => shared.close());

  test.each([
    ['is for another root', (header: object) => ({ ...header, root: '/another' })],
    ['has an unknown format', (header: object) => ({ ...header, format: 2 })],
    ['is older', (header: object) => ({ ...header, sequence: 1 })],
  ])('refuses a snapshot that %s, and names that', async (_, change) => {
    const { target, bytes, from } = await publishEdit(shared, proxy);

    shared.objects.put(bucket, key, withHeader(bytes, change));

    const line = await eventually(() => hasFailed(proxy, from));
    expect(String(line['error'])).toMatch(/the snapshot (is of|has format|has sequence)/);
    expect(await proxy.statusOf(target)).toBe(200);
    shared.objects.put(bucket, key, bytes);
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
});

describe('an encrypted snapshot that was changed', () => {
  let shared: SnapshotRig;
  let proxy: ProxyFunction;
  beforeAll(async () => {
    shared = await openSnapshotRig({ isEncrypted: true });
    proxy = await shared.startProxy();
  });
  afterAll(() => shared.close());

  test.each([
    [
      'its envelope says another sequence',
      (text: string) => text.replace(/"sequence":\d+/, '"sequence":9'),
    ],
    // Whatever the last byte is, it is another one then.
    [
      'its bytes are damaged',
      (text: string) => text.slice(0, -1) + (text.endsWith('x') ? 'y' : 'x'),
    ],
    ['it is cut', (text: string) => text.slice(0, -20)],
    ['it is empty', () => ''],
    ['it is replaced by an open one', () => gzipSync('{}').toString('latin1')],
  ])('is refused when %s', async (_, change) => {
    const { target, bytes, from } = await publishEdit(shared, proxy);

    shared.objects.put(bucket, key, Buffer.from(change(bytes.toString('latin1')), 'latin1'));

    await eventually(() => hasFailed(proxy, from));
    expect(await proxy.statusOf(target)).toBe(200);
    const fresh = await shared.startProxy();
    expect(await fresh.statusOf(target)).toBe(503);
    await fresh.close();
    shared.objects.put(bucket, key, bytes);
  });
});

/** Another header before the same body: its digest still holds. */
function withHeader(stored: Buffer, change: (header: object) => object): Buffer {
  const bytes = gunzipSync(stored).toString('latin1');
  const end = bytes.indexOf('\n');
  const header = JSON.stringify(change(JSON.parse(bytes.slice(0, end)) as object));
  return gzipSync(Buffer.from(`${header}${bytes.slice(end)}`, 'latin1'));
}
