/** Credentials of several consumers may have one user name or key id: whoever writes bob's may name zoe's. The secret decides. */
import type { Consumer } from '../../functions/proxy/chain/exchange.ts';
import { createConsumers } from '../../functions/proxy/routes/consumers.ts';

const holder = (
  username: string,
  plugin: string,
  key: string,
  credentialId?: string,
): Consumer => ({
  ...{ username, isAvailable: true, labels: {}, plugins: [], identityHeaders: [] },
  parameter: `/consumers/${username}${credentialId ? `/credentials/${credentialId}` : ''}`,
  credentials: new Map([[plugin, { key, settings: `secret of ${username} ${credentialId}` }]]),
  ...(credentialId && { credentialId }),
});
const named = (...names: string[]) => names.map((name) => holder(name, 'none', name));
const summary = (list: readonly Consumer[], plugin: string) => {
  const { findAll, conflicts } = createConsumers(list);
  return {
    found: findAll(plugin, 'k').map(({ settings }) => settings),
    conflicts: conflicts.map(({ winner, loser }) => `${winner.parameter} ${loser.parameter}`),
  };
};

test.each(['basic-auth', 'hmac-auth', 'jwt-auth'])('%s: each consumer is tried', (plugin) => {
  const list = [
    ...named('bob', 'zoe'),
    holder('bob', plugin, 'k', 'a'),
    holder('zoe', plugin, 'k', 'a'),
  ];

  expect(summary(list, plugin)).toEqual({
    found: ['secret of bob a', 'secret of zoe a'],
    conflicts: [],
  });
});

test('one consumer is tried once, with its first credential', () => {
  const list = [
    ...named('bob'),
    holder('bob', 'basic-auth', 'k', 'a'),
    holder('bob', 'basic-auth', 'k', 'b'),
  ];

  expect(summary(list, 'basic-auth')).toEqual({
    found: ['secret of bob a'],
    conflicts: ['/consumers/bob/credentials/a /consumers/bob/credentials/b'],
  });
});

test.each([
  ["the user name of a consumer's own document is its own", 'basic-auth', true],
  ['a key tells nobody apart: the first has it', 'key-auth', false],
])('%s', (_, plugin, isOwn) => {
  const zoe = holder('zoe', plugin, 'k', isOwn ? undefined : 'a');
  const list = [
    ...named('ann', 'bob'),
    ...(isOwn ? [] : named('zoe')),
    holder('bob', plugin, 'k', 'a'),
    zoe,
  ];

  const { found, conflicts } = summary(list, plugin);
  expect(found).toEqual([isOwn ? 'secret of zoe undefined' : 'secret of bob a']);
  expect(conflicts).toHaveLength(1);
});

test('a holder that lacks something takes the key from nobody, and there are at most 20', () => {
  const many = Array.from({ length: 30 }, (_, index) => `c${index}`);
  const all = [...named(...many), ...many.map((name) => holder(name, 'basic-auth', 'k', 'a'))];
  const lacking = { ...holder('c0', 'basic-auth', 'k', 'a'), isAvailable: false };

  expect(summary(all, 'basic-auth').found).toHaveLength(20);
  expect(summary(all, 'basic-auth').conflicts).toHaveLength(10);
  expect(
    summary([...named('c0', 'c1'), lacking, holder('c1', 'basic-auth', 'k', 'a')], 'basic-auth')
      .found,
  ).toEqual(['secret of c1 a']);
});
