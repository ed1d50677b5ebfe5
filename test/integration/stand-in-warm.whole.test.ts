/** What the publisher withholds without another text: warm environments do as fresh ones. */
import { send } from '../support/client.ts';
import { useSnapshotRig } from '../support/publication.ts';
import type { SnapshotRig, Proxy as Started } from '../support/snapshot-rig.ts';

const { startSnapshotRig, route } = useSnapshotRig();
const variable = '$env://COUNTERSIGN_VAR_KEY';
const env = { COUNTERSIGN_VAR_KEY: 'k' };
const guard = { 'ip-restriction': { whitelist: ['10.9.8.7'] } };
const headers = [['apikey', 'k']] as const;
const ask = async (proxy: Started) => (await send(proxy.url, { target: '/first', headers })).status;

/** Writes a route that marks the arrival of all earlier documents. @returns the statuses of a warm and a fresh environment */
async function askBoth(rig: SnapshotRig, warm: Started, mark: string) {
  await rig.edit(`routes/${mark}`, route(`/${mark}`));
  await warm.until(`/${mark}`, 200);
  return { warm: await ask(warm), fresh: await ask(await rig.startProxy(env)) };
}

test('a consumer that needs a variable does not stay in force for a malformed version with more guards', async () => {
  const rig = await startSnapshotRig();
  const ann = { username: 'ann', plugins: { 'key-auth': { key: variable } } };
  await rig.edit('routes/first', route('/first', {}, { 'key-auth': {} }));
  await rig.edit('consumers/ann', ann);
  const warm = await rig.startProxy(env);
  expect(await ask(warm)).toBe(200);

  await rig.edit('consumers/ann', { ...ann, descc: '', plugins: { ...ann.plugins, ...guard } });
  expect(await askBoth(rig, warm, 'second')).toEqual({ warm: 401, fresh: 401 });

  await rig.edit('consumers/ann', ann);
  expect(await askBoth(rig, warm, 'third')).toEqual({ warm: 200, fresh: 200 });
});

test('a service that needs a variable does not stay in force for a malformed version with more guards', async () => {
  const rig = await startSnapshotRig();
  const own = route('/first');
  const service = {
    plugins: { ...own.plugins, 'proxy-rewrite': { headers: { set: { 'x-key': variable } } } },
  };
  await rig.edit('services/one', service);
  await rig.edit('routes/first', { uri: '/first', service_id: 'one' });
  const warm = await rig.startProxy(env);
  expect(await ask(warm)).toBe(200);

  await rig.edit('services/one', {
    ...service,
    descc: '',
    plugins: { ...service.plugins, ...guard },
  });
  expect(await askBoth(rig, warm, 'second')).toEqual({ warm: 503, fresh: 503 });

  await rig.edit('services/one', service);
  expect(await askBoth(rig, warm, 'third')).toEqual({ warm: 200, fresh: 200 });
});
