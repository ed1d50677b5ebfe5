/** What a publisher may never put in force: less guarded versions, older ones, and what it cannot read. */
import { send } from '../support/client.ts';
import { useSnapshotRig } from '../support/publication.ts';
import { toBatch, toChangeEvent } from '../support/publisher.ts';
import { root, type SnapshotRig } from '../support/snapshot-rig.ts';

let rig: SnapshotRig;
const { startSnapshotRig, route } = useSnapshotRig();
const statusOf = async (target: string, env = {}) => (await rig.startProxy(env)).statusOf(target);

test('a version that needs a variable of the proxy does not replace one that asks for an access plugin', async () => {
  rig = await startSnapshotRig();
  const apikey = '$env://COUNTERSIGN_VAR_KEY';
  await rig.edit('routes/first', route('/first', { authorization: { apikey } }));
  await rig.edit(
    'routes/first',
    route('/first', { authorization: { apikey }, timeout: 1 }, { 'key-auth': {} }),
  );

  expect(await statusOf('/first', { COUNTERSIGN_VAR_KEY: 'k' })).toBe(503);
});

test('a route that is deleted or guarded while the whole tree is read stays deleted and guarded', async () => {
  let isListing = false;
  let edit: () => void = () => {};
  const intercept = (operation: string) => {
    if (isListing && operation === 'GetParametersByPath') {
      isListing = false;
      // After this page was read, as far as the publisher can tell.
      setImmediate(edit);
    }
    return undefined;
  };
  rig = await startSnapshotRig();
  rig.storeFaults.intercept = intercept;
  await rig.edit('routes/gone', route('/gone'));
  await rig.edit('routes/open', route('/open'));
  edit = () => {
    rig.remove('routes/gone');
    rig.remove('routes/open');
    rig.put('routes/open', route('/open', {}, { 'key-auth': {} }));
  };
  isListing = true;
  await rig.invoke({});
  await rig.deliver('Delete', 'routes/gone');
  await rig.deliver('Create', 'routes/open');
  await rig.invoke({});

  const proxy = await rig.startProxy();
  expect([await proxy.statusOf('/gone'), await proxy.statusOf('/open')]).toEqual([404, 401]);
});

test('a withheld route stays withheld if a newer version cannot be decrypted', async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/first', route('/first'));
  await rig.edit('routes/first', route('/first', { timeout: 1 }, { 'key-auth': {} }));
  expect(await statusOf('/first')).toBe(503);

  rig.storeFaults.unusableKeys.add('alias/aws/ssm');
  rig.put('routes/first', route('/first'), 'SecureString');
  await rig.deliver('Update', 'routes/first');

  expect(await statusOf('/first')).toBe(503);
  expect(rig.messages.at(-1)?.['Message']).toContain('a value that cannot be decrypted');
});

test('a document in force keeps its secrets when its newest version cannot be decrypted', async () => {
  rig = await startSnapshotRig();
  rig.put('secrets/key', 'k', 'String');
  await rig.edit(
    'routes/first',
    route('/first', { authorization: { apikey: '$secret://ssm/key' } }),
  );
  rig.storeFaults.unusableKeys.add('alias/aws/ssm');
  rig.put('routes/first', route('/second'), 'SecureString');
  await rig.deliver('Update', 'routes/first');

  expect(await statusOf('/first')).toBe(200);
});

test('the last valid version follows its secrets though the newest one does not name them', async () => {
  rig = await startSnapshotRig();
  rig.put('secrets/key', 'one', 'SecureString');
  const keyed = { authorization: { apikey: '$secret://ssm/key' } };
  await rig.edit('routes/first', route('/first', keyed));
  await rig.edit('routes/first', '{"uri": ');
  const proxy = await rig.startProxy();
  expect((await send(proxy.url, { target: '/first' })).status).toBe(200);
});

describe('a document that is deleted and made anew within one batch keeps no route of its former life', () => {
  test.each<[what: string, anew: readonly unknown[], isSealed: boolean]>([
    ['malformed at the version that it had', ['{"uri": '], false],
    ['malformed at a later version', ['{"uri": ', '['], false],
    ['where it cannot be decrypted', ['{"uri": '], true],
  ])('%s', async (_, anew, isSealed) => {
    rig = await startSnapshotRig();
    await rig.edit('routes/first', route('/first'));
    await rig.edit('routes/second', route('/second'));
    rig.remove('routes/first');
    for (const text of anew) rig.put('routes/first', text, isSealed ? 'SecureString' : 'String');
    if (isSealed) rig.storeFaults.unusableKeys.add('alias/aws/ssm');
    await rig.invoke(
      toBatch(['Delete', 'Create'].map((of) => toChangeEvent(of, `${root}/routes/first`))),
    );

    const proxy = await rig.startProxy();
    expect([await proxy.statusOf('/first'), await proxy.statusOf('/second')]).toEqual([404, 200]);
  });
});

describe('of an array, what waits for a variable of the proxy is in force there', () => {
  const waiting = '$env://COUNTERSIGN_VAR_KEY';
  const keyed = (uri: string, apikey: string, plugins: object = {}) => ({
    ...route(uri, { authorization: { apikey } }, plugins),
    id: uri.slice(1),
  });

  test('also beside an item that lacks a secret, which alone is told of', async () => {
    rig = await startSnapshotRig();
    await rig.edit('routes/list', [
      keyed('/waits', waiting),
      keyed('/lacks', '$secret://ssm/none'),
    ]);

    const proxy = await rig.startProxy({ COUNTERSIGN_VAR_KEY: 'k' });
    expect([await proxy.statusOf('/waits'), await proxy.statusOf('/lacks')]).toEqual([200, 503]);
    expect(await rig.only()).toMatchObject({
      event: 'document-refused',
      unavailableRoutes: ['lacks'],
      inForce: 1,
      issues: [{ pointer: '/1/plugins/aws-lambda/authorization/apikey' }],
    });
    expect(proxy.lines().filter(({ event }) => event === 'invalid-document')).toEqual([]);
  });

  test('also beside a consumer that lacks one', async () => {
    rig = await startSnapshotRig();
    const consumer = (username: string, key: string) => ({
      username,
      plugins: { 'key-auth': { key } },
    });
    await rig.edit('routes/first', route('/first', {}, { 'key-auth': {} }));
    await rig.edit('consumers/staff', [
      consumer('ann', waiting),
      consumer('bob', '$secret://ssm/none'),
    ]);

    const proxy = await rig.startProxy({ COUNTERSIGN_VAR_KEY: 'k' });
    const headers: [string, string][] = [['apikey', 'k']];
    expect((await send(proxy.url, { target: '/first', headers })).status).toBe(200);
  });

  test('and a route that will be open is told of as open', async () => {
    rig = await startSnapshotRig();
    const webhook = { 'webhook-auth': { preset: 'github', secrets: [waiting] } };
    await rig.edit('routes/list', [
      keyed('/open', waiting),
      keyed('/closed', waiting, { 'key-auth': {} }),
      keyed('/hook', 'literal', webhook),
    ]);

    expect(await rig.only()).toMatchObject({ event: 'document-accepted', openRoutes: ['open'] });
    expect(rig.messages[0]?.['Message']).toContain('The route open is open');
  });

  test('unless open routes are refused', async () => {
    rig = await startSnapshotRig({ env: { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' } });
    await rig.edit('routes/first', route('/first', { authorization: { apikey: waiting } }));

    expect(await rig.only()).toMatchObject({ event: 'document-refused', fault: 'malformed' });
  });
});

test('a malformed document whose history may not be read puts nothing in force, until it may', async () => {
  let isDenied = false;
  rig = await startSnapshotRig();
  rig.storeFaults.intercept = (operation) =>
    isDenied && operation === 'GetParameterHistory'
      ? { type: 'AccessDeniedException', message: 'not authorized', status: 400 }
      : undefined;
  await rig.edit('routes/first', route('/first'));
  rig.put('routes/first', { ...route('/first', {}, { 'key-auth': {} }), prioritty: 1 });
  isDenied = true;
  await rig.edit('routes/first', '{"uri": ');
  expect(await statusOf('/first')).toBe(503);
  isDenied = false;
  await rig.invoke({});
  expect(await statusOf('/first')).toBe(503);
  await rig.edit('routes/first', { ...route('/first'), prioritty: 1 });
  expect(await statusOf('/first')).toBe(200);
});

test.each([
  ['a path of thousands of segments', { uri: `/${'a/'.repeat(1700)}` }],
  [
    'hundreds of hosts by hundreds of paths',
    {
      uris: Array.from({ length: 100 }, (_, index) => `/p${index}`),
      hosts: Array.from({ length: 100 }, (_, index) => `h${index}.example`),
    },
  ],
])('%s stops no publication of another document', async (_, place) => {
  rig = await startSnapshotRig();
  await rig.edit('routes/large', { ...route('/large'), uri: undefined, ...place });
  await rig.edit('routes/first', route('/first'));

  expect(await statusOf('/first')).toBe(200);
  expect(rig.text()).toContain(`${root}/routes/large`);
});
