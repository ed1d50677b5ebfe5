/** A consumer whose document is malformed lets nobody in, and its headers stay what only plugins may set. */
import { awaitAnswer, startBothModes } from '../support/both-modes.ts';
import { send } from '../support/client.ts';
import { startGuardedRoutes } from '../support/guarded-routes.ts';
import { startSnapshotRig } from '../support/snapshot-rig.ts';
import { startUpstream } from '../support/upstream.ts';

const authorizer = { uri: 'https://authorizer.example.com/', upstream_headers: ['X-Level'] };
const malformed = {
  plugins: { 'key-auth': { key: 'anns-key' }, 'forward-auth': { ...authorizer, tiemout: 1 } },
};
const headers = [
  ['apikey', 'bobs-key'],
  ['x-level', 'admin'],
  ['x_level', 'admin'],
] as const;

test('no other consumer may say such a header to an upstream', async () => {
  const rig = await startGuardedRoutes({
    routes: { level: { 'key-auth': {} } },
    consumers: { ann: malformed, bob: { 'key-auth': { key: 'bobs-key' } } },
  });
  try {
    const bob = await rig.ask('/level', headers);
    const ann = await rig.ask('/level', [['apikey', 'anns-key']]);

    expect([bob.status, ann.status]).toEqual([200, 401]);
    expect(Object.values(bob.arrived?.headers ?? {})).not.toContain('admin');
  } finally {
    await rig.close();
  }
});

test('the same where the proxy reads a snapshot', async () => {
  const upstream = await startUpstream();
  const rig = await startSnapshotRig();
  try {
    const lambda = { function_uri: `${upstream.url}/` };
    await rig.edit('consumers/ann', malformed);
    await rig.edit('consumers/bob', { plugins: { 'key-auth': { key: 'bobs-key' } } });
    await rig.edit('routes/level', {
      uri: '/level',
      plugins: { 'key-auth': {}, 'aws-lambda': lambda },
    });
    const { url, lines } = await rig.startProxy();
    const response = await send(url, { target: '/level', headers });

    expect(response.status).toBe(200);
    expect(upstream.only().rawHeaders.filter(([, value]) => value === 'admin')).toEqual([]);
    expect(lines().filter(({ level }) => level === 'error')).toEqual([]);
  } finally {
    await rig.close();
    await upstream.close();
  }
});

test('the headers of a consumer group that is withheld stay what only plugins may set, warm and fresh', async () => {
  const upstream = await startUpstream();
  const rig = await startSnapshotRig();
  try {
    const label = { 'attach-consumer-label': { headers: { 'X-Level': '$level' } } };
    const lambda = { function_uri: `${upstream.url}/` };
    await rig.edit('consumers/bob', { plugins: { 'key-auth': { key: 'bobs-key' } } });
    await rig.edit('consumer_groups/gold', { plugins: label });
    await rig.edit('consumers/ann', {
      ...{ group_id: 'gold', labels: { level: 'top' } },
      plugins: { 'key-auth': { key: 'anns-key' } },
    });
    await rig.edit('routes/level', {
      uri: '/level',
      plugins: { 'key-auth': {}, 'aws-lambda': lambda },
    });
    const warm = await startBothModes(rig);
    const ann = [['apikey', 'anns-key']] as const;
    await awaitAnswer(warm, { target: '/level', answer: 200, headers: ann });
    const guard = { 'ip-restriction': { whitelist: ['10.0.0.1'] } };
    await rig.edit('consumer_groups/gold', { plugins: { ...label, ...guard }, wrong: 1 });
    const proxies = [...warm, ...(await startBothModes(rig))];
    await awaitAnswer(proxies, { target: '/level', answer: 401, headers: ann });
    await awaitAnswer(proxies, { target: '/level', answer: 200, headers });

    const arrived = upstream.received.flatMap(({ rawHeaders }) => rawHeaders);
    expect(arrived.filter(([, value]) => value === 'top')).toHaveLength(warm.length);
    expect(arrived.filter(([, value]) => value === 'admin')).toEqual([]);
  } finally {
    await rig.close();
    await upstream.close();
  }
});
