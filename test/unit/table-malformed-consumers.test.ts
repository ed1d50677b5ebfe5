/** A consumer of whom no valid version is known: nobody is it, and what its plugins would say nobody else may say. */
import { createTableRig, invalidLines, root } from '../support/table-rig.ts';

const name = `${root}/consumers/ann`;
const forwardAuth = (more: object = {}) => ({
  'forward-auth': { uri: 'https://a.example.com/', upstream_headers: ['X-Level'], ...more },
});

async function loadReserved(text: unknown): Promise<readonly string[]> {
  const { store, load } = createTableRig();
  store.put(name, text);
  return [...(await load(undefined)).consumers.reserved].sort();
}

const oidcNames = ['x-access-token', 'x-id-token', 'x-refresh-token', 'x-userinfo'];

test.each<[what: string, text: unknown, reserved: readonly string[]]>([
  ['a setting that there is not', { plugins: forwardAuth({ tiemout: 1 }) }, ['x-level']],
  ['a field that there is not', { plugin: forwardAuth() }, ['x-level']],
  [
    'a header name that is none',
    { plugins: forwardAuth({ upstream_headers: ['X-Level', 'a b', 7] }) },
    ['x-level'],
  ],
  [
    'one name in place of a list',
    { plugins: forwardAuth({ upstream_headers: 'X_Level' }) },
    ['x-level'],
  ],
  [
    'a list',
    [
      { username: 'a', plugins: forwardAuth({ a: 1 }) },
      { plugins: forwardAuth({ upstream_headers: ['X-Rank'] }) },
    ],
    ['x-level', 'x-rank'],
  ],
  [
    'a token of claims',
    { plugins: { 'openid-conect': { claim_headers: { 'X-Role': 'role' } } } },
    [...oidcNames, 'x-role'].sort(),
  ],
  [
    'labels in headers',
    { plugins: { 'attach-consumer-labels': { header: { 'X-Role': '$role', 'X-Rank': 7 } } } },
    ['x-role'],
  ],
  [
    'an attribute that is mistyped',
    { plugins: { 'forward-auth': { upstream_header: ['X-Level'] } } },
    ['x-level'],
  ],
  [
    'no JSON by a comma',
    '{"plugins":{"forward-auth":{"upstream_headers":["X-Level"],}}}',
    ['x-level'],
  ],
  ['no JSON by its end', '{"plugins":{"forward-auth":{"upstream_headers":["X-Level"', ['x-level']],
  [
    'a field that occurs twice',
    '{"plugins":{"forward-auth":{"upstream_headers":["X-Level"],"upstream_headers":[]}}}',
    ['x-level'],
  ],
  ['no headers', { plugins: { 'key-auth': 7 } }, []],
  ['no text', '{"plu', []],
])('%s: the headers are reserved', async (_, text, reserved) => {
  expect(await loadReserved(text)).toEqual(reserved);
});

test('the consumer is refused, and the log says that no version is in force', async () => {
  const { store, load, log } = createTableRig();
  store.put(name, { plugins: { 'key-auth': { key: 'k' }, ...forwardAuth({ tiemout: 1 }) } });
  const table = await load(undefined);

  expect(table.consumers.findByName('ann')).toBeUndefined();
  expect(table.consumers.find('key-auth', 'k')).toBeUndefined();
  expect(invalidLines(log).map(({ message }) => message)).toEqual([
    'a document is invalid; no version is in force',
  ]);
});

test('a valid version that follows, or that the history shows, replaces the headers that stayed reserved', async () => {
  const { store, load } = createTableRig();
  store.put(name, { plugins: forwardAuth({ tiemout: 1 }) });
  const before = await load(undefined);
  store.put(name, { plugins: { 'key-auth': { key: 'k' } } });
  const after = await load(before);
  store.put(name, { plugins: forwardAuth({ tiemout: 1 }) });
  const last = await load(after);

  expect([...after.consumers.reserved]).toEqual([]);
  expect(after.consumers.findByName('ann')).toBeDefined();
  expect(last.documents.get(name)?.version).toBe(2);
});

test('while the history cannot be read, the log names the consumer that is refused', async () => {
  const { store, load, log } = createTableRig();
  store.put(name, { plugins: { 'key-auth': { key: 'k' } } });
  store.put(name, { plugins: forwardAuth({ tiemout: 1 }) });
  store.failHistory(new Error('throttled'));
  const table = await load(undefined);

  expect([...table.consumers.reserved]).toEqual(['x-level']);
  expect(invalidLines(log).map(({ message }) => message)).toEqual([
    'a document is invalid; its older versions cannot be read: consumer ann is refused',
  ]);
});
