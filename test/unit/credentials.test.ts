/** Credential documents: what may be in one, whose it is, and what a malformed one leaves in force. */
import { compile, issuesOf } from '../support/documents.ts';
import { createTableRig, invalidLines, root } from '../support/table-rig.ts';

const parameter = `${root}/consumers/ann/credentials/one`;
const asCredential = { kind: 'credential', parameter, requireAccessPlugin: true } as const;
const keyed = (key: string) => ({ plugins: { 'key-auth': { key } } });

test.each<[what: string, document: unknown, pointer: string, expected: string]>([
  ['two plugins', { plugins: { 'key-auth': { key: 'k' }, 'basic-auth': {} } }, '/plugins', 'one'],
  ['a limit', { plugins: { 'limit-count': {} } }, '/plugins/limit-count', 'authenticates'],
  ['an upstream', { plugins: { 'aws-lambda': {} } }, '/plugins/aws-lambda', 'authenticates'],
  ["a route's settings", { plugins: { 'key-auth': { header: 'x' } } }, '/plugins/key-auth/key', ''],
  ['a user name', { username: 'bob', ...keyed('k') }, '/username', 'known are'],
  ['a path', { uri: '/x', ...keyed('k') }, '/uri', 'known are'],
  ['an id with a slash', { id: 'a/b', ...keyed('k') }, '/id', 'letters'],
  ['a list', [keyed('k')], '', 'an object'],
  ['nothing', null, '', 'an object'],
])('%s is refused', async (_, document, pointer, expected) => {
  const issues = await issuesOf(document, asCredential);

  expect(issues.map((issue) => issue.pointer)).toContain(pointer);
  expect(issues.map((issue) => issue.expected).join()).toContain(expected);
});

test('an empty one, and all fields of APISIX, are accepted', async () => {
  const all = { id: 7, name: 'n', desc: 'd', labels: { a: 'b' }, create_time: 1, update_time: 2 };

  expect((await compile({}, asCredential)).consumers).toMatchObject([{ username: 'ann' }]);
  expect((await compile({ ...all, ...keyed('k') }, asCredential)).consumers).toMatchObject([
    { username: 'ann', credentialId: '7', isAvailable: true },
  ]);
});

const find = async ({ load }: ReturnType<typeof createTableRig>, key: string) => {
  const found = (await load(undefined)).consumers.find('key-auth', key);
  return found && `${found.consumer.username} ${found.credentialId}`;
};

test.each([
  ['consumers/ann/credentials/one', 'ann one'],
  ['consumers/team/ann/credentials/one', undefined],
  ['consumers/bob/credentials/ann/credentials/one', undefined],
  ['consumers/ann/credentials/0/b', undefined],
  ['consumers/ann/credentials/credentials/one', undefined],
  ['consumers/ann/x/one', 'one undefined'],
])('the parameter %s is a credential of: %s', async (name, expected) => {
  const rig = createTableRig();
  rig.store.put(`${root}/consumers/ann`, { plugins: {} });
  rig.store.put(`${root}/${name}`, keyed('k'));

  expect(await find(rig, 'k')).toBe(expected);
});

test('a credential counts for a consumer of an array, whichever is read first', async () => {
  const rig = createTableRig();
  rig.store.put(`${root}/consumers/zoe`, [{ username: 'ann', plugins: {} }]);
  rig.store.put(parameter, keyed('k'));

  expect(await find(rig, 'k')).toBe('ann one');
});

test('of a malformed credential the last valid version stays; without one it is nobody', async () => {
  const rig = createTableRig();
  rig.store.put(`${root}/consumers/ann`, { plugins: {} });
  rig.store.put(parameter, keyed('old'));
  rig.store.put(parameter, { plugins: { 'key-auth': { kee: 'new' } } });
  rig.store.put(`${root}/consumers/ann/credentials/bad`, {
    plugins: { 'forward-auth': { upstream_headers: ['x-level'] } },
  });
  const table = await rig.load(undefined);

  expect(table.consumers.find('key-auth', 'old')?.credentialId).toBe('one');
  expect(table.consumers.findByName('ann')).toBeDefined();
  expect([...table.consumers.reserved]).toEqual([]);
  expect(invalidLines(rig.log).map(({ fields }) => fields['parameter'])).toEqual([
    `${root}/consumers/ann/credentials/bad`,
    parameter,
  ]);
});

test.each([
  ['of the credential', keyed('own'), keyed('$secret://ssm/none')],
  ['of the consumer', keyed('$secret://ssm/none'), keyed('k')],
])('with a secret %s that is not there, the credential lets nobody in', async (_, ann, one) => {
  const rig = createTableRig();
  rig.store.put(`${root}/consumers/ann`, ann);
  rig.store.put(parameter, one);
  const { consumers } = await rig.load(undefined);

  expect(consumers.find('key-auth', 'k')).toBeUndefined();
  expect(consumers.find('key-auth', '$secret://ssm/none')).toBeUndefined();
  expect(consumers.findByName('ann') !== undefined).toBe(ann.plugins['key-auth'].key === 'own');
});

test('a credential without its consumer is named once, and again after the consumer was there', async () => {
  const rig = createTableRig();
  const names = () =>
    rig.log.lines.filter(({ message }) => message.includes('lets nobody in')).length;
  rig.store.put(parameter, keyed('k'));
  let table = await rig.load(undefined);
  table = await rig.load(table);
  expect(names()).toBe(1);

  rig.store.put(`${root}/consumers/ann`, { plugins: {} });
  table = await rig.load(table);
  rig.store.remove(`${root}/consumers/ann`);
  await rig.load(table);
  expect(names()).toBe(2);
});
