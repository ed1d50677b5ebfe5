/** What is in force follows its secrets, though the document cannot be read any more: a leaked key that is rotated is refused. */
import { root, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { closeAtEnd } from '../support/open-resources.ts';
import { useSnapshotRig } from '../support/publication.ts';

const { startSnapshotRig, route } = useSnapshotRig();
const ann = { username: 'ann', plugins: { 'key-auth': { key: '$secret://ssm/key' } } };
const ofAnn = `${root}/consumers/ann`;

const toAsk = (url: string) => async (apikey: string) =>
  (await send(url, { target: '/first', headers: [['apikey', apikey]] })).status;

/** A route, a consumer whose key is a secret, and a proxy that has read both. */
async function startWithKey(store: object) {
  const rig = await startSnapshotRig({ store });
  rig.put('secrets/key', 'leaked', 'String');
  await rig.edit('routes/first', route('/first', {}, { 'key-auth': {} }));
  await rig.edit('consumers/ann', ann);
  const proxy = await rig.startProxy();
  const statusWith = toAsk(proxy.url);
  expect(await statusWith('leaked')).toBe(200);
  return { rig, statusWith };
}

/** Rotates the secret, deletes it, and makes it anew. */
async function expectFollowed({ rig, statusWith }: Awaited<ReturnType<typeof startWithKey>>) {
  rig.put('secrets/key', 'rotated', 'String');
  await rig.deliver('Update', 'secrets/key');
  await eventually(async () => (await statusWith('rotated')) === 200);
  expect(await statusWith('leaked')).toBe(401);
  await rig.erase('secrets/key');
  await eventually(async () => (await statusWith('rotated')) === 401);
  rig.put('secrets/key', 'restored', 'String');
  await rig.deliver('Create', 'secrets/key');
  await eventually(async () => (await statusWith('restored')) === 200);
}

describe('the publisher, of a document', () => {
  test('whose newest version cannot be decrypted', async () => {
    const unusableKeys = new Set<string>();
    const started = await startWithKey({ unusableKeys });
    unusableKeys.add('alias/aws/ssm');
    started.rig.put('consumers/ann', { username: 'ann', plugins: {} }, 'SecureString');
    await started.rig.deliver('Update', 'consumers/ann');
    await expectFollowed(started);
  });

  test('whose newest version is malformed and names no secret', async () => {
    const started = await startWithKey({});
    await started.rig.edit('consumers/ann', { ...ann, plugins: { 'key-auth': { kee: 'other' } } });
    await expectFollowed(started);
  });

  test('that the role may not read', async () => {
    const deniedNames = new Set<string>();
    const started = await startWithKey({ deniedNames });
    deniedNames.add(ofAnn);
    await expectFollowed(started);
  });

  test('whose plugin has a variable of the proxy beside the secret', async () => {
    const rig = await startSnapshotRig();
    const user = '$env://COUNTERSIGN_VAR_USER';
    const basic = { 'basic-auth': { username: user, password: '$secret://ssm/key' } };
    rig.put('secrets/key', 'leaked', 'String');
    await rig.edit('routes/first', route('/first', {}, { 'basic-auth': {} }));
    await rig.edit('consumers/ann', { username: 'ann', plugins: basic });
    const proxy = await rig.startProxy({ COUNTERSIGN_VAR_USER: 'ann' });
    const statusWith = async (password: string) => {
      const authorization = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`;
      const headers = [['authorization', authorization]] as const;
      return (await send(proxy.url, { target: '/first', headers })).status;
    };
    expect(await statusWith('leaked')).toBe(200);
    await expectFollowed({ rig, statusWith });
  });
});

test('the proxy in direct mode, of a document whose newest version cannot be decrypted', async () => {
  const unusableKeys = new Set<string>();
  const artefact = await startArtefact({
    reloads: true,
    store: { unusableKeys },
    routes: { first: route('/first', {}, { 'key-auth': {} }) },
    maxEnvironments: 1,
  });
  closeAtEnd(() => artefact.close());
  const put = (name: string, Value: string, Type = 'String') =>
    artefact.store.call('PutParameter', { Name: `${root}/${name}`, Value, Type, Overwrite: true });
  put('secrets/key', 'leaked');
  put('consumers/ann', JSON.stringify(ann));
  const statusWith = toAsk(artefact.url);
  await eventually(async () => (await statusWith('leaked')) === 200);

  unusableKeys.add('alias/aws/ssm');
  put('consumers/ann', JSON.stringify({ ...ann, plugins: {} }), 'SecureString');
  await artefact.logged({ event: 'unreadable-document', parameter: ofAnn });
  expect(await statusWith('leaked')).toBe(200);
  put('secrets/key', 'rotated');
  await eventually(async () => (await statusWith('rotated')) === 200);
  expect(await statusWith('leaked')).toBe(401);
  artefact.store.call('DeleteParameter', { Name: `${root}/secrets/key` });
  await eventually(async () => (await statusWith('rotated')) === 401);
  put('secrets/key', 'restored');
  await eventually(async () => (await statusWith('restored')) === 200);
});
