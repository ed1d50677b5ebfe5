/** Promises about a proxy with a snapshot that no failure is needed for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startObjectStore } from '../../local/object-store/object-store.ts';
import { send } from '../support/client.ts';
import { useSnapshotRig } from '../support/publication.ts';
import { bucket, type SnapshotRig } from '../support/snapshot-rig.ts';

let rig: SnapshotRig;
const { startSnapshotRig, route } = useSnapshotRig();

test('a change of one document leaves the state of the others: what was counted stays counted', async () => {
  rig = await startSnapshotRig();
  const limit = { count: 2, time_window: 3600, key: 'remote_addr', policy: 'local' };
  await rig.edit('routes/limited', route('/limited', {}, { 'limit-count': limit }));
  const proxy = await rig.startProxy();
  const statuses = [];
  for (let count = 0; count < 3; count += 1) statuses.push(await proxy.statusOf('/limited'));
  expect(statuses).toEqual([200, 200, 503]);

  await rig.edit('routes/other', route('/other'));
  await proxy.until('/other', 200);
  expect(await proxy.statusOf('/limited')).toBe(503);

  // A document that changes begins anew.
  await rig.edit(
    'routes/limited',
    route('/limited', {}, { 'limit-count': { ...limit, count: 3 } }),
  );
  await proxy.until('/limited', 200);
});

test('a missing object is 503 and named; without s3:ListBucket S3 does not say that it is missing', async () => {
  rig = await startSnapshotRig({ isEmpty: false });
  const unlisted = await startObjectStore({ buckets: { [bucket]: { mayList: false } } });
  const [told, untold] = await Promise.all([
    rig.startProxy(),
    rig.startProxy({ AWS_ENDPOINT_URL_S3: unlisted.url }),
  ]);

  expect([await told.statusOf('/'), await untold.statusOf('/')]).toEqual([503, 503]);
  expect(String((await told.logged({ event: 'refresh-failed' }))['error'])).toContain(
    'no snapshot has been published yet',
  );
  expect(String((await untold.logged({ event: 'refresh-failed' }))['error'])).toContain(
    'AccessDenied (403)',
  );
  await unlisted.close();
});

test('after a long idle time the first request waits for the refresh, and is served by the newest routes', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  const proxy = await rig.startProxy();
  expect(await proxy.statusOf('/first')).toBe(200);
  const freeze = async (while_: () => Promise<void>) => {
    for (const pid of proxy.pids()) process.kill(pid, 'SIGSTOP');
    await while_();
    for (const pid of proxy.pids()) process.kill(pid, 'SIGCONT');
  };

  // It waits for a second at most, which a busy machine may take: one of three is enough.
  const statuses: number[] = [];
  for (let tries = 1; tries <= 3 && statuses.at(-1) !== 200; tries += 1) {
    await freeze(async () => {
      await rig.edit('routes/next', route(`/next${tries}`));
      // More than six intervals.
      await sleep(1500);
    });
    statuses.push(await proxy.statusOf(`/next${tries}`));
  }

  expect(statuses.at(-1)).toBe(200);
});

test('an environment that always has a request takes an edit, and answers each request', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  const proxy = await rig.startProxy();
  let isOver = false;
  const statuses: number[] = [];
  const client = async () => {
    while (!isOver) statuses.push(await proxy.statusOf('/first'));
  };
  // The environment takes one request at a time: of two clients one always waits for it.
  const clients = [client(), client()];
  for (const target of ['/second', '/third', '/fourth']) {
    await rig.edit('routes/next', route(target));
    await proxy.until(target, 200);
  }
  isOver = true;
  await Promise.all(clients);

  expect(new Set(statuses)).toEqual(new Set([200]));
});

test('paths below /.well-known/ are the clients’: no route is a 404, and a route gets them', async () => {
  rig = await startSnapshotRig();
  const proxy = await rig.startProxy();
  const target = '/.well-known/security.txt';
  const { status, headers } = await send(proxy.url, { target });
  expect(status).toBe(404);
  expect(headers).toContainEqual(['countersign-error', 'NO_ROUTE']);

  await rig.edit('routes/any', route('/*'));

  await proxy.until(target, 200);
});
