/** Services, plugin configs and consumer groups in the built functions, in both ways of reading the table. */
import { awaitAnswer, type Headers, startBothModes } from '../support/both-modes.ts';
import { send } from '../support/client.ts';
import { useSnapshotRig } from '../support/publication.ts';
import { toBatch, toChangeEvent } from '../support/publisher.ts';
import { wholeTest } from '../support/sample.ts';
import { type Proxy as ProxyFunction, root, type SnapshotRig } from '../support/snapshot-rig.ts';

const { startSnapshotRig, route } = useSnapshotRig({
  answer: ({ header }, response) => {
    response.end(header('x-api-key'));
  },
});

let rig: SnapshotRig;
let proxies: readonly ProxyFunction[];

/** @returns the plugins of a route that calls the upstream with this key */
const calling = (apikey: string) => route('/', { authorization: { apikey } }).plugins;
const orders = { uri: '/orders', service_id: 'shop' };

/** Waits until the proxies answer with a status or a text. */
const until = (target: string, answer: number | string, headers: Headers = []) =>
  awaitAnswer(proxies, { target, answer, headers });

/** The same for fresh environments as well. */
async function untilAnywhere(target: string, answer: number | string, headers: Headers = []) {
  await until(target, answer, headers);
  await awaitAnswer(await startBothModes(rig), { target, answer, headers });
}

beforeEach(async () => {
  rig = await startSnapshotRig();
});

test('a service is in force for its routes, changes them, and is missed when it is deleted, warm and fresh', async () => {
  await rig.edit('services/shop', { plugins: calling('one') });
  await rig.edit('routes/orders', orders);
  proxies = await startBothModes(rig);
  await until('/orders', 'one');

  await rig.edit('services/shop', { plugins: calling('two') });
  await until('/orders', 'two');

  await rig.edit('services/shop', { plugins: { ...calling('three'), 'key-auth': {} } });
  await until('/orders', 401);

  await rig.erase('services/shop');
  await untilAnywhere('/orders', 503);

  await rig.edit('services/shop', { plugins: calling('four') });
  await untilAnywhere('/orders', 'four');
});

wholeTest(
  'a malformed service keeps its last valid version, and no version with fewer guards',
  async () => {
    await rig.edit('services/shop', { plugins: calling('one') });
    await rig.edit('routes/orders', orders);
    proxies = await startBothModes(rig);
    await rig.edit('services/shop', { plugins: calling('two'), wrong: 1 });
    await until('/orders', 'one');

    await rig.edit('services/shop', { plugins: { ...calling('two'), 'key-auth': {} }, wrong: 1 });
    await untilAnywhere('/orders', 503);
  },
);

test('a malformed service that names an upstream keeps its last valid version, warm and fresh', async () => {
  const service = { upstream_id: 'all', plugins: calling('one') };
  await rig.edit('upstreams/all', { type: 'roundrobin', nodes: { 'a.example.com': 1 } });
  await rig.edit('services/shop', service);
  await rig.edit('routes/orders', orders);
  proxies = await startBothModes(rig);
  await rig.edit('services/shop', { ...service, wrong: 1 });
  // Shows that the edit has arrived.
  await rig.edit('routes/later', { ...orders, uri: '/later' });
  await untilAnywhere('/later', 'one');
  await untilAnywhere('/orders', 'one');
});

describe('what cannot be decrypted follows the shared object that it names', () => {
  const seal = async (name: string, value: unknown) => {
    rig.storeFaults.unusableKeys.add('alias/aws/ssm');
    rig.put(name, value, 'SecureString');
    await rig.deliver('Update', name);
  };

  test('a route its service: a new guard, a deletion and a return', async () => {
    await rig.edit('services/shop', { plugins: calling('one') });
    await rig.edit('routes/orders', orders);
    proxies = await startBothModes(rig);
    await until('/orders', 'one');
    await seal('routes/orders', orders);
    await rig.edit('services/shop', { plugins: calling('two') });
    await until('/orders', 'two');

    await rig.edit('services/shop', { plugins: { ...calling('two'), 'key-auth': {} } });
    await until('/orders', 401);
    await rig.erase('services/shop');
    await until('/orders', 503);
    expect(await (await rig.startProxy()).statusOf('/orders')).toBe(503);
    await rig.edit('services/shop', { plugins: calling('three') });
    await until('/orders', 'three');
  });

  test('a consumer its group', async () => {
    const ann = { group_id: 'gold', plugins: { 'key-auth': { key: 'k' } } };
    const plugins = { ...calling('one'), 'key-auth': {} };
    await rig.edit('routes/orders', { uri: '/orders', plugins });
    await rig.edit('consumer_groups/gold', { plugins: {} });
    await rig.edit('consumers/ann', ann);
    proxies = await startBothModes(rig);
    await until('/orders', 'one', [['apikey', 'k']]);
    await seal('consumers/ann', ann);

    const restricted = { 'ip-restriction': { whitelist: ['10.0.0.1'] } };
    await rig.edit('consumer_groups/gold', { plugins: restricted });
    await until('/orders', 403, [['apikey', 'k']]);
    await rig.erase('consumer_groups/gold');
    await until('/orders', 401, [['apikey', 'k']]);
  });
});

test('a route follows its service though Parameter Store shows an older version of the route for a moment', async () => {
  const two = JSON.stringify({ plugins: calling('two') });
  await rig.edit('services/shop', { plugins: calling('one') });
  await rig.edit('routes/orders', orders);
  proxies = [await rig.startProxy()];
  await until('/orders', 'one');
  const names = ['services/shop', 'routes/orders'].map((name) => `${root}/${name}`);
  const [now, before] = [Date.now() / 1000, Date.parse('2026-06-01') / 1000];
  const read = [
    { Name: names[0], Value: two, Version: 2, LastModifiedDate: now },
    { Name: names[1], Value: '{"uri": "/old"}', Version: 1, LastModifiedDate: before },
  ];
  rig.storeFaults.intercept = (operation) =>
    operation === 'GetParameters' ? { body: JSON.stringify({ Parameters: read }) } : undefined;
  await rig.invoke(toBatch(names.map((name) => toChangeEvent('Update', name))));

  await until('/orders', 'two');
});

test('a secret of a service reaches its routes, also a new value of it', async () => {
  await rig.edit('services/shop', { plugins: calling('$secret://ssm/key') });
  await rig.edit('routes/orders', orders);
  proxies = await startBothModes(rig);
  await until('/orders', 503);

  await rig.edit('secrets/key', 'one');
  await until('/orders', 'one');
  await rig.edit('secrets/key', 'two');
  await untilAnywhere('/orders', 'two');
});

wholeTest('a route that came before its service is served once that is there', async () => {
  await rig.edit('routes/orders', { ...orders, plugin_config_id: 'strict' });
  proxies = await startBothModes(rig);
  await until('/orders', 503);
  await rig.edit('plugin_configs/strict', { plugins: { 'key-auth': {} } });
  await until('/orders', 503);
  await rig.edit('services/all', [{ id: 'shop', plugins: calling('one') }]);
  await until('/orders', 401);
  await rig.edit('plugin_configs/strict', { plugins: {} });
  await until('/orders', 'one');
});

test('a change of a service that opens a route is told of with the route', async () => {
  await rig.edit('services/shop', { plugins: { ...calling('one'), 'key-auth': {} } });
  await rig.edit('routes/orders', orders);
  rig.messages.length = 0;
  await rig.edit('services/shop', { plugins: calling('one') });

  const text = rig.messages.map(({ Message }) => Message).join('\n');
  expect(text).toContain('routes/orders (after a change of ');
  expect(text).toContain('The route orders is open');
});

test('a change of a service with many routes reads the service alone', async () => {
  await rig.edit('services/shop', { plugins: calling('one') });
  for (const id of ['a', 'b', 'c']) await rig.edit(`routes/${id}`, { ...orders, uri: `/${id}` });
  rig.calls.length = 0;
  await rig.edit('services/shop', { plugins: calling('two') });

  expect(rig.calls.filter((call) => call.startsWith('Get'))).toEqual(['GetParameters']);
});

test('a consumer has the plugins of its group, and is nobody without the group', async () => {
  await rig.edit('routes/orders', {
    uri: '/orders',
    plugins: { ...calling('one'), 'key-auth': {} },
  });
  await rig.edit('consumers/ann', { group_id: 'gold', plugins: { 'key-auth': { key: 'k' } } });
  proxies = await startBothModes(rig);
  await until('/orders', 401, [['apikey', 'k']]);

  await rig.edit('consumer_groups/gold', {
    plugins: { 'ip-restriction': { whitelist: ['10.0.0.1'] } },
  });
  await until('/orders', 403, [['apikey', 'k']]);
  await rig.edit('consumer_groups/gold', { plugins: {} });
  await until('/orders', 'one', [['apikey', 'k']]);
  await rig.erase('consumer_groups/gold');
  await untilAnywhere('/orders', 401, [['apikey', 'k']]);
});

test('a consumer group shows nobody the keys of consumers: only documents of consumers refer to them', async () => {
  const reference = '$secret://ssm/consumers/ann';
  const abort = { http_status: 200, body: reference };
  await rig.edit('secrets/consumers/ann', 'key-of-ann');
  await rig.edit('routes/orders', {
    uri: '/orders',
    plugins: { ...calling('one'), 'key-auth': {} },
  });
  await rig.edit('consumer_groups/gold', { plugins: {} });
  await rig.edit('consumers/ann', {
    group_id: 'gold',
    plugins: { 'key-auth': { key: reference } },
  });
  proxies = await startBothModes(rig);
  await until('/orders', 'one', [['apikey', 'key-of-ann']]);

  await rig.edit('consumer_groups/gold', { plugins: { 'fault-injection': { abort } } });
  await untilAnywhere('/orders', 401, [['apikey', 'key-of-ann']]);
});

test('neither a group nor a consumer makes its clients another consumer', async () => {
  const headers: Headers = [['apikey', 'k']];
  const authPlugins = [{ 'hmac-auth': {} }, { 'basic-auth': { anonymous_consumer: 'admin' } }];
  const plugins = { 'multi-auth': { auth_plugins: authPlugins } };
  const bob = { group_id: 'gold', plugins: { 'key-auth': { key: 'k' } } };
  const restriction = { whitelist: ['admin'] };
  await rig.edit('routes/orders', {
    uri: '/orders',
    plugins: { ...calling('one'), 'key-auth': {}, 'consumer-restriction': restriction },
  });
  await rig.edit('consumers/admin', { plugins: { 'key-auth': { key: 'of-admin' } } });
  await rig.edit('consumers/bob', bob);
  await rig.edit('consumer_groups/gold', { plugins: {} });
  proxies = await startBothModes(rig);
  await until('/orders', 403, headers);

  await rig.edit('consumer_groups/silver', { plugins });
  await rig.edit('consumers/bob', { ...bob, group_id: 'silver' });
  await untilAnywhere('/orders', 401, headers);

  await rig.edit('consumers/bob', bob);
  await untilAnywhere('/orders', 403, headers);
  await rig.edit('consumers/bob', { plugins: { ...bob.plugins, ...plugins } });
  await untilAnywhere('/orders', 401, headers);
});

wholeTest(
  'an environment with services that was published before judges everything anew the same',
  async () => {
    await rig.edit('services/shop', { plugins: calling('$env://COUNTERSIGN_VAR_KEY') });
    await rig.edit('routes/orders', orders);
    await rig.refresh();
    await rig.invoke({});
    const proxy = await rig.startProxy({ COUNTERSIGN_VAR_KEY: 'own' });

    expect((await send(proxy.url, { target: '/orders' })).text()).toBe('own');
    expect(await (await rig.startProxy()).statusOf('/orders')).toBe(503);
  },
);
