/** `upstream_id` in `traffic-split`, over real sockets and in both ways of reading the table. */
import { awaitAnswer, startBothModes } from '../support/both-modes.ts';
import { send } from '../support/client.ts';
import { useSnapshotRig } from '../support/publication.ts';
import type { Proxy as ProxyFunction, SnapshotRig } from '../support/snapshot-rig.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const { startSnapshotRig, route } = useSnapshotRig({
  answer: (_, response) => void response.end('own'),
});

let rig: SnapshotRig;
let nodes: Upstream[];
let proxies: readonly ProxyFunction[];

beforeAll(async () => {
  const start = (name: string) =>
    startUpstream({
      answer: ({ header }, response) => void response.end(`${name} ${header('x-api-key') ?? '-'}`),
    });
  nodes = await Promise.all(['a', 'b'].map(start));
});
afterAll(() => Promise.all(nodes.map((node) => node.close())));
beforeEach(async () => {
  rig = await startSnapshotRig();
});

const upstream = (index: number) => ({ nodes: { [`127.0.0.1:${nodes[index]?.port}`]: 1 } });
const split = { 'traffic-split': { rules: [{ weighted_upstreams: [{ upstream_id: 'canary' }] }] } };

test('the upstream is called, an edit of it takes effect, and without it the route answers 503', async () => {
  await rig.edit('upstreams/canary', upstream(0));
  await rig.edit('routes/orders', {
    ...route('/'),
    uri: '/orders',
    plugins: { ...route('/').plugins, ...split },
  });
  await rig.edit('services/shop', { plugins: { ...route('/').plugins, ...split } });
  await rig.edit('routes/served', { uri: '/served', service_id: 'shop' });
  proxies = await startBothModes(rig);
  for (const target of ['/orders', '/served'])
    await awaitAnswer(proxies, { target, answer: 'a -' });

  await rig.edit('upstreams/canary', upstream(1));
  for (const target of ['/orders', '/served'])
    await awaitAnswer(proxies, { target, answer: 'b -' });

  await rig.erase('upstreams/canary');
  for (const target of ['/orders', '/served']) await awaitAnswer(proxies, { target, answer: 503 });

  await rig.edit('upstreams/canary', upstream(0));
  for (const target of ['/orders', '/served'])
    await awaitAnswer(proxies, { target, answer: 'a -' });
});

test('keys of a route do not go to the nodes of the upstream', async () => {
  await rig.edit('upstreams/canary', upstream(0));
  const keyed = route('/', { authorization: { apikey: 'the-key' } });
  await rig.edit('routes/keyed', {
    ...keyed,
    uri: '/keyed',
    plugins: { ...keyed.plugins, ...split },
  });
  await rig.edit('routes/plain', {
    ...route('/'),
    uri: '/plain',
    plugins: { ...route('/').plugins, ...split },
  });
  proxies = await startBothModes(rig);
  await awaitAnswer(proxies, { target: '/plain', answer: 'a -' });
  const before = nodes[0]?.received.length;

  for (const { url } of proxies) {
    expect(await send(url, { target: '/keyed' })).toMatchObject({ status: 503 });
  }
  expect(nodes[0]?.received.length).toBe(before);
});
