/** A grant for `consumers/bob/credentials/*` covers longer names as well. None of them lets anyone in as another consumer. */
import { root } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { useSnapshotRig } from '../support/publication.ts';

const { startSnapshotRig, route } = useSnapshotRig();
const credential = (key: string) => ({ plugins: { 'key-auth': { key } } });
const guards = { 'key-auth': {}, 'consumer-restriction': { whitelist: ['zed'] } };

test('longer names below the credentials of one consumer are stray parameters', async () => {
  const rig = await startSnapshotRig();
  await rig.edit('routes/zed', route('/zed', {}, guards));
  await rig.edit('consumers/zed', credential('zeds'));
  await rig.edit('consumers/bob', credential('bobs'));
  const proxy = await rig.startProxy();
  const ask = async (apikey: string) =>
    (await send(proxy.url, { target: '/zed', headers: [['apikey', apikey]] })).status;

  await rig.edit('consumers/bob/credentials/zed/credentials/c', credential('stolen-1'));
  await rig.edit('consumers/bob/credentials/0/b', { username: 'zed', ...credential('stolen-2') });
  // What is written afterwards is in force, so the two before it have been read.
  await rig.edit('consumers/zed/credentials/new', credential('zeds-new'));
  await eventually(async () => (await ask('zeds-new')) === 200);

  expect(await Promise.all(['zeds', 'stolen-1', 'stolen-2', 'bobs'].map(ask))).toEqual([
    200, 401, 401, 403,
  ]);
  for (const name of ['zed/credentials/c', '0/b']) {
    const lines = rig.text().split('\n');
    const line = lines.find((text) => text.includes(`${root}/consumers/bob/credentials/${name}`));
    expect(line).toContain('document-stray');
  }
});
