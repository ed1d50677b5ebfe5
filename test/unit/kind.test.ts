/** What a parameter's name makes of it: only exact names below a folder `credentials` are documents. */
import { parseKind, readOwner, toKind } from '../../functions/proxy/routes/kind.ts';

const root = '/countersign/test';

test.each([
  ['routes/a', 'route'],
  ['routes/a/credentials/b', 'route'],
  ['consumers/ann', 'consumer'],
  ['consumers/credentials', 'consumer'],
  ['consumers/team/ann', 'consumer'],
  ['consumers/ann/credentials/one', 'credential'],
  ['consumers/ann/credentials/credentials', 'credential'],
  ['consumers/ann/credentials', undefined],
  ['consumers/credentials/one', undefined],
  ['consumers/ann/credentials/', undefined],
  ['consumers//credentials/one', undefined],
  ['consumers/ann/credentials/0/b', undefined],
  ['consumers/team/ann/credentials/one', undefined],
  ['consumers/bob/credentials/zed/credentials/c', undefined],
  ['consumers/bob/credentials/credentials/c', undefined],
  ['consumers/credentials/ann/one', undefined],
  ['consumers/ann/one/credentials', undefined],
  ['services/a', 'service'],
  ['plugin_configs/a/b', 'plugin_config'],
  ['consumer_groups/a', 'consumer_group'],
  ['upstreams/a', 'upstream'],
  ['global_rules/a', 'global_rule'],
  ['services', undefined],
  ['toString/a', undefined],
  ['secrets/a', undefined],
])('%s is a document of the kind: %s', (name, kind) => {
  expect(toKind(`${root}/${name}`, root)).toBe(kind);
});

test.each(['routes/a', 'consumers/a', 'services/a'])(
  '%s of another root is no document',
  (name) => {
    const other = `/${'x'.repeat(root.length - 1)}`;
    expect(toKind(`${other}/${name}`, root)).toBeUndefined();
  },
);

test('a name that is no document has no kind that it could be compiled as', () => {
  expect(parseKind(`${root}/consumers/ann`, root)).toBe('consumer');
  expect(() => parseKind(`${root}/consumers/ann/credentials/0/b`, root)).toThrow('not the name');
});

test('the owner of a credential is the segment before the folder', () => {
  const owner = { username: 'ann', id: 'one' };

  expect(readOwner(`${root}/consumers/ann/credentials/one`)).toEqual(owner);
  expect(() => readOwner(`${root}/consumers/bob/credentials/0/b`)).toThrow('not the name');
});
