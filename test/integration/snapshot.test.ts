/** Edits of Parameter Store reach proxies that read nothing but one object in S3. */
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { useSnapshotRig } from '../support/publication.ts';
import { bucket, key, type SnapshotRig } from '../support/snapshot-rig.ts';

let rig: SnapshotRig;
const { startSnapshotRig, route } = useSnapshotRig({
  answer: ({ header }, response) => {
    response.end(header('x-api-key') ?? 'no key');
  },
});
const keyed = (uri: string) => route(uri, { authorization: { apikey: '$secret://ssm/key' } });
const bodyOf = async (url: string, target: string) => (await send(url, { target })).text();

test('an edit, a new route and a deletion are in force after one publication each, without a restart', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  const proxy = await rig.startProxy();
  expect(await proxy.statusOf('/first')).toBe(200);
  expect(await proxy.statusOf('/second')).toBe(404);

  await rig.edit('routes/second', route('/second/*'));
  await proxy.until('/second/a', 200);
  await rig.edit('routes/first', route('/renamed'));
  await proxy.until('/renamed', 200);
  expect(await proxy.statusOf('/first')).toBe(404);
  await rig.erase('routes/second');
  await proxy.until('/second/a', 404);

  expect(proxy.lines().filter(({ coldStart }) => coldStart === true)).toHaveLength(1);
});

test('a proxy makes one call to S3 at its cold start, and gets 304 while nothing changes', async () => {
  rig = await startSnapshotRig();
  for (let index = 0; index < 30; index += 1) rig.put(`routes/r${index}`, route(`/r${index}`));
  await rig.reconcile();
  rig.objects.calls.length = 0;

  const proxy = await rig.startProxy({ COUNTERSIGN_REFRESH_SECONDS: '3600' });
  expect(await proxy.statusOf('/r7')).toBe(200);
  expect(rig.objects.calls.map(({ operation, status }) => [operation, status])).toEqual([
    ['GetObject', 200],
  ]);

  const other = await rig.startProxy();
  await proxy.statusOf('/r8');
  await other.until('/r9', 200);
  await other.logged({ event: 'table', routes: 30 });
  await eventually(() => rig.objects.calls.length > 4);
  const statuses = rig.objects.calls.slice(1).map(({ status }) => status);
  expect(statuses[0]).toBe(200);
  expect(new Set(statuses.slice(1))).toEqual(new Set([304]));
});

test('an unchanged snapshot is not written again', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  const versions = rig.objects.versions(bucket, key).length;

  await rig.deliver('Update', 'routes/first');
  await rig.invoke({});
  await rig.invoke({ countersign: 'secrets' });

  expect(rig.objects.versions(bucket, key)).toHaveLength(versions);
  const answer = await rig.invoke({});
  expect(JSON.parse(String(answer.kind === 'buffered' && answer.payload))).toEqual({
    ...{ published: false, documents: 1, invalid: 0 },
    table: expect.stringMatching(/^[0-9a-f]{12}$/),
  });
});

test('a secret is resolved by the publisher, and a new value of it goes upstream', async () => {
  rig = await startSnapshotRig();
  rig.put('secrets/key', 'secret-one', 'SecureString');
  await rig.edit('routes/keyed', keyed('/keyed'));
  const proxy = await rig.startProxy();
  expect(await bodyOf(proxy.url, '/keyed')).toBe('secret-one');

  await rig.edit('secrets/key', 'secret-two');

  await proxy.until('/keyed', 200);
  await eventually(async () => (await bodyOf(proxy.url, '/keyed')) === 'secret-two');
  expect(proxy.text() + rig.text()).not.toMatch(/secret-one|secret-two/);
});

test('a secret that rotates without an event is taken up when the secrets are read again', async () => {
  rig = await startSnapshotRig();
  rig.put('secrets/key', 'secret-one', 'SecureString');
  await rig.edit('routes/keyed', keyed('/keyed'));
  const proxy = await rig.startProxy();

  rig.put('secrets/key', 'secret-two', 'SecureString');
  await rig.invoke({ countersign: 'secrets' });

  await eventually(async () => (await bodyOf(proxy.url, '/keyed')) === 'secret-two');
});

test('a route whose secret is deleted answers 503, and is back by itself', async () => {
  rig = await startSnapshotRig();
  rig.put('secrets/key', 'secret-one', 'SecureString');
  await rig.edit('routes/keyed', keyed('/keyed'));
  const proxy = await rig.startProxy();
  expect(await proxy.statusOf('/keyed')).toBe(200);

  await rig.erase('secrets/key');
  await proxy.until('/keyed', 503);
  const fresh = await rig.startProxy();
  expect(await fresh.statusOf('/keyed')).toBe(503);
  await fresh.logged({
    type: 'access',
    error: 'ROUTES_UNAVAILABLE',
    cause: `ProxyError: a route of /countersign/local/routes/keyed is not available: something that /plugins/aws-lambda/authorization/apikey needs is missing`,
  });

  rig.put('secrets/key', 'secret-two', 'SecureString');
  await rig.invoke({ countersign: 'secrets' });
  await proxy.until('/keyed', 200);
});

test('a malformed version leaves the last valid one in force, in warm and fresh proxies alike', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  const warm = await rig.startProxy();

  await rig.edit('routes/first', route('/first', { timeout: 50 }));
  await rig.edit('routes/second', route('/second'));

  await warm.until('/second', 200);
  expect(await warm.statusOf('/first')).toBe(200);
  expect(await (await rig.startProxy()).statusOf('/first')).toBe(200);
});

test('the last valid version outlives the hundred versions that Parameter Store keeps', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  for (let version = 0; version < 120; version += 1) rig.put('routes/first', `{"uri": ${version}`);

  await rig.deliver('Update', 'routes/first');

  expect(await (await rig.startProxy()).statusOf('/first')).toBe(200);
});

test('a document that was deleted and made anew has no part in what it was', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  await rig.edit('routes/first', route('/first'));
  rig.remove('routes/first');
  rig.put('routes/first', '{"uri": ');

  // Both events are late, and in the wrong order.
  await rig.deliver('Create', 'routes/first');
  await rig.deliver('Delete', 'routes/first');

  expect(await (await rig.startProxy()).statusOf('/first')).toBe(404);
  rig.put('routes/first', route('/again'));
  await rig.deliver('Update', 'routes/first');
  expect(await (await rig.startProxy()).statusOf('/again')).toBe(200);
});

test('no version with fewer access plugins than the newest one asks for is in force', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  const warm = await rig.startProxy();
  expect(await warm.statusOf('/first')).toBe(200);

  await rig.edit('routes/first', route('/first', { timeout: 50 }, { 'key-auth': {} }));

  await warm.until('/first', 503);
  expect(await (await rig.startProxy()).statusOf('/first')).toBe(503);
});

test('consumers are in the snapshot, and a deleted one is refused', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first', {}, { 'key-auth': {} }));
  await rig.edit('consumers/ann', { plugins: { 'key-auth': { key: 'anns-key' } } });
  const proxy = await rig.startProxy();
  const asAnn = async () =>
    (await send(proxy.url, { target: '/first', headers: [['apikey', 'anns-key']] })).status;
  expect([await proxy.statusOf('/first'), await asAnn()]).toEqual([401, 200]);

  await rig.erase('consumers/ann');

  await eventually(async () => (await asAnn()) === 401);
});

test('a variable is resolved by the proxy, which alone has it; a proxy without it answers 503 and names it', async () => {
  rig = await startSnapshotRig();
  const apikey = '$env://COUNTERSIGN_VAR_KEY';
  await rig.edit('routes/first', route('/first', { authorization: { apikey } }));
  const proxy = await rig.startProxy({ COUNTERSIGN_VAR_KEY: 'of-the-proxy' });
  expect(await bodyOf(proxy.url, '/first')).toBe('of-the-proxy');

  const without = await rig.startProxy();
  expect(await without.statusOf('/first')).toBe(503);
  await without.logged({ event: 'invalid-document', fault: 'unfulfilled', inForce: null });
});

test('a route that cannot be built here, though the publisher accepted it, answers 503 by itself and is named', async () => {
  rig = await startSnapshotRig({ env: { COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1,other.example' } });
  await rig.edit('routes/good', route('/good'));
  await rig.edit('routes/bad', route('/bad', { function_uri: 'https://other.example/' }));
  const proxy = await rig.startProxy();

  expect(await proxy.statusOf('/bad')).toBe(503);
  expect(await proxy.statusOf('/good')).toBe(200);
  const line = await proxy.logged({ event: 'invalid-document' });
  expect(line).toMatchObject({ parameter: expect.stringMatching('routes/bad') });
});
