/** Each kind of failure of S3 and KMS, at the first reading of a snapshot and at a later one. */
import { createHold } from '../../local/faults.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import {
  damages,
  type Failure,
  kmsLasting,
  kmsPassing,
  type ServiceFault,
  s3Lasting,
  s3Passing,
} from '../support/failures.ts';
import { outage } from '../support/publication.ts';
import { sample } from '../support/sample.ts';
import {
  bucket,
  key,
  type Proxy as Reader,
  type SnapshotRig,
  startSnapshotRig,
} from '../support/snapshot-rig.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

type Case = readonly [string, ...Failure<ServiceFault>];

const toCases = (service: string, ...lists: (readonly Failure<ServiceFault>[])[]) =>
  lists.flat().map((failure): Case => [service, ...failure]);
const all = [
  ...toCases('S3', s3Passing, s3Lasting, damages),
  ...toCases('KMS', kmsPassing, kmsLasting),
];

let upstream: Upstream;
let rig: SnapshotRig;
let edits = 0;

beforeAll(async () => {
  upstream = await startUpstream();
  rig = await startSnapshotRig({ isEncrypted: true });
  await rig.edit('routes/first', route('/first'));
});
afterEach(heal);
afterAll(() => Promise.all([upstream.close(), rig.close()]));

function route(uri: string) {
  return { uri, plugins: { 'aws-lambda': { function_uri: `${upstream.url}/base` } } };
}

/** A new snapshot, for without one KMS is not asked. */
async function publish(): Promise<string> {
  edits += 1;
  await rig.edit('routes/last', route(`/last${edits}`));
  return `/last${edits}`;
}

/** Stores another object than the one in force, past the publisher, which S3 would fail as well. */
function replace({ objects }: SnapshotRig): void {
  const [, older] = objects.versions(bucket, key);
  if (older && 'bytes' in older) objects.put(bucket, key, older.bytes);
}

function strike(service: string, fault: ServiceFault): void {
  if (service === 'S3') rig.objects.faults.push({ on: 'GetObject', ...outage, ...fault });
  else rig.keys.faults.push({ on: 'Decrypt', ...outage, ...fault });
}

function heal(): void {
  rig.objects.faults.length = 0;
  rig.keys.faults.length = 0;
}

/** @param from how many lines are of earlier failures */
const failureOf = (proxy: Reader, said: RegExp, from = 0) =>
  eventually(() =>
    proxy
      .lines()
      .slice(from)
      .some(({ event, error }) => event === 'refresh-failed' && said.test(String(error))),
  );

describe('a proxy with a table', () => {
  let proxy: Reader;
  beforeAll(async () => {
    proxy = await rig.startProxy();
  });
  afterAll(() => proxy.close());

  test.each(sample(all))(
    'goes on with it while %s %s, says so, and takes up the next one by itself',
    async (service, _, fault, said) => {
      const before = await publish();
      await proxy.until(before, 200);
      const from = proxy.lines().length;
      strike(service, fault);
      if (service === 'S3') replace(rig);
      else await publish();

      await failureOf(proxy, said, from);
      expect([await proxy.statusOf('/first'), await proxy.statusOf(before)]).toEqual([200, 200]);

      heal();
      await proxy.until(await publish(), 200);
    },
  );
});

describe('a proxy without a table', () => {
  test.each(sample(all))(
    'answers 503 while %s %s, says so, asks nothing else, and begins by itself',
    async (service, _, fault, said) => {
      strike(service, fault);
      const proxy = await rig.startProxy();

      const { status, headers } = await send(proxy.url, { target: '/first' });
      expect(status).toBe(503);
      expect(headers).toContainEqual(['countersign-error', 'ROUTES_UNAVAILABLE']);
      await failureOf(proxy, said);

      heal();
      await proxy.until('/first', 200);
      await proxy.close();
    },
  );
});

describe('a service that does not answer', () => {
  const cases = [
    ['S3', { hold: createHold() }, /no response headers within 5000 ms/],
    ['S3, which stops inside the object', { stallAt: 100 }, /gave no whole answer within 5000 ms/],
    ['KMS', { hold: createHold() }, /no response headers within 3000 ms/],
  ] as const;

  const run = async ([service, fault, said]: (typeof cases)[number]) => {
    const own = await startSnapshotRig({ isEncrypted: true });
    await own.edit('routes/first', route('/first'));
    await own.edit('routes/second', route('/second'));
    const proxy = await own.startProxy();
    expect(await proxy.statusOf('/first')).toBe(200);
    const isKms = service === 'KMS';
    const faults = isKms ? own.keys.faults : own.objects.faults;
    faults.push({ on: isKms ? 'Decrypt' : 'GetObject', ...outage, ...fault });
    replace(own);

    const failed = failureOf(proxy, said);
    for (let count = 0; count < 20; count += 1) expect(await proxy.statusOf('/first')).toBe(200);
    await failed;
    expect(await proxy.statusOf('/second')).toBe(200);

    faults.length = 0;
    await own.edit('routes/third', route('/third'));
    await proxy.until('/third', 200);
    await own.close();
  };

  test('costs a refresh, and no request waits for it', async () => {
    // Each has a rig of its own, so that all of them wait at the same time.
    await Promise.all(cases.map(run));
  }, 120_000);
});

test('S3 and KMS that are not there at all are failures like any other', async () => {
  const own = await startSnapshotRig({ isEncrypted: true });
  await own.edit('routes/first', route('/first'));
  const proxy = await own.startProxy();
  expect(await proxy.statusOf('/first')).toBe(200);
  const nobody = 'http://127.0.0.1:9/';

  for (const env of [{ AWS_ENDPOINT_URL_S3: nobody }, { AWS_ENDPOINT_URL_KMS: nobody }]) {
    const fresh = await own.startProxy(env);
    expect(await fresh.statusOf('/first')).toBe(503);
    await failureOf(fresh, /127\.0\.0\.1:9 gave no answer.*ECONNREFUSED/);
  }
  await own.objects.close();
  await failureOf(proxy, /ECONNREFUSED/);
  expect(await proxy.statusOf('/first')).toBe(200);
  await own.close();
});
