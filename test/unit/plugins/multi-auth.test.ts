import type { Consumer } from '../../../functions/proxy/chain/exchange.ts';
import { basicAuth } from '../../../functions/proxy/plugins/authentication/basic-auth.ts';
import { hmacAuth } from '../../../functions/proxy/plugins/authentication/hmac-auth/hmac-auth.ts';
import { jwtAuth } from '../../../functions/proxy/plugins/authentication/jwt-auth/jwt-auth.ts';
import { keyAuth } from '../../../functions/proxy/plugins/authentication/key-auth.ts';
import { multiAuth } from '../../../functions/proxy/plugins/authentication/multi-auth.ts';
import { createConsumers } from '../../../functions/proxy/routes/consumers.ts';
import { thrownBy } from '../../support/builders.ts';
import { consumerOf, preparePlugin, runPlugin, toConsumer } from '../../support/plugin-rig.ts';

const both = { auth_plugins: [{ 'basic-auth': {} }, { 'key-auth': { hide_credentials: true } }] };

const credentials = (name: string, key: string, settings: object): Consumer['credentials'] =>
  new Map([[name, { key, settings }]]);
const consumers = createConsumers([
  toConsumer('ann', credentials('basic-auth', 'ann', { username: 'ann', password: 'secret' })),
  toConsumer('bob', credentials('key-auth', 'key-of-bob', { key: 'key-of-bob' })),
  toConsumer('guest', new Map()),
]);
const toBasic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each<[object, Record<string, string>, string]>([
  [both, { authorization: toBasic('ann:secret') }, 'ann'],
  [both, { apikey: 'key-of-bob' }, 'bob'],
  [both, { authorization: toBasic('ann:wrong'), apikey: 'key-of-bob' }, 'bob'],
  [both, { authorization: toBasic('ann:secret'), apikey: 'wrong' }, 'ann'],
  [both, { authorization: toBasic('ann:secret'), apikey: 'key-of-bob' }, 'ann'],
  [both, { authorization: toBasic('ann:wrong'), apikey: 'wrong' }, 'Authorization Failed'],
  [both, {}, 'Authorization Failed'],
  [
    { auth_plugins: [{ 'basic-auth': {} }, { 'key-auth': { anonymous_consumer: 'guest' } }] },
    {},
    'guest',
  ],
  [
    { auth_plugins: [{ 'basic-auth': {} }, { 'key-auth': { anonymous_consumer: 'guest' } }] },
    { apikey: 'wrong' },
    'Authorization Failed',
  ],
])('with %j, a client with %j is %s', async (config, headers, expected) => {
  expect(
    await consumerOf(multiAuth, config, { request: { headers }, exchange: { consumers } }),
  ).toBe(expected);
});

it('hides what the plugin hides that has let the client in', async () => {
  const headers = { apikey: 'key-of-bob', 'x-a': 'b' };
  const { passed } = await runPlugin(multiAuth, both, {
    request: { headers },
    exchange: { consumers },
  });

  expect({ ...passed?.request.headers }).toEqual({ 'x-a': 'b' });
});

it('names every scheme to a client that is refused', async () => {
  const { error } = await runPlugin(multiAuth, both, { exchange: { consumers } });

  expect(error?.code).toBe('UNAUTHENTICATED');
  expect(error?.headers['www-authenticate']).toBe('Basic realm="basic", apikey realm="key"');
});

it('lets an error through that is no refusal', async () => {
  const failing = {
    ...consumers,
    find: () => {
      throw new Error('broken');
    },
  };
  const request = { headers: { apikey: 'key-of-bob' } };

  await expect(
    runPlugin(multiAuth, both, { request, exchange: { consumers: failing } }),
  ).resolves.toMatchObject({ error: { code: 'INTERNAL' } });
});

describe('what the route knows of it', () => {
  const route = { anonymousConsumers: new Set<string>(), clientChoosesAddress: false };

  it('it authenticates, refuses clients, and its parameters are masked', () => {
    const prepared = preparePlugin(multiAuth, {
      auth_plugins: [{ 'jwt-auth': { query: 'token' } }, { 'key-auth': { query: 'k' } }],
    });

    expect(prepared).toMatchObject({ isAuthentication: true, isAccessPlugin: true });
    expect(prepared.refusesClients(route)).toBe(true);
    expect(prepared.secretParameters).toEqual(['token', 'k']);
  });

  it('with an anonymous consumer, it lets every client in', () => {
    const prepared = preparePlugin(multiAuth, {
      auth_plugins: [{ 'basic-auth': {} }, { 'key-auth': { anonymous_consumer: 'guest' } }],
    });

    expect(prepared.anonymousConsumer).toBe('guest');
    expect(prepared.refusesClients(route)).toBe(false);
  });

  it('of any number of plugins the last one names the anonymous consumer', () => {
    const last = { 'key-auth': { anonymous_consumer: 'guest' } };
    const auth_plugins = [{ 'basic-auth': {} }, { 'jwt-auth': {} }, last];

    expect(preparePlugin(multiAuth, { auth_plugins }).anonymousConsumer).toBe('guest');
  });

  it('none of its plugins sets a header, apart from those of every consumer', () => {
    for (const plugin of [basicAuth, hmacAuth, jwtAuth, keyAuth]) {
      expect(plugin.readNames({})).toMatchObject({ identityHeaders: [], carrierHeaders: [] });
    }
  });
});

test.each([
  [{}, '/auth_plugins'],
  [{ auth_plugins: [{ 'key-auth': {} }] }, 'basic-auth, hmac-auth, jwt-auth, key-auth'],
  [{ auth_plugins: [{ 'key-auth': {} }, { 'ip-restriction': {} }] }, 'at least two plugins'],
  [
    { auth_plugins: [{ 'key-auth': {}, 'basic-auth': {} }, { 'jwt-auth': {} }] },
    'in an object of its own',
  ],
  [
    { auth_plugins: [{ 'key-auth': { header: '' } }, { 'jwt-auth': {} }] },
    '/plugins/it/auth_plugins/0/key-auth/header',
  ],
  [
    { auth_plugins: [{ 'key-auth': { anonymous_consumer: 'guest' } }, { 'jwt-auth': {} }] },
    '/plugins/it/auth_plugins/0/key-auth/anonymous_consumer: found "guest", expected anonymous_consumer in the last plugin',
  ],
])('%j is refused', (config, words) => {
  expect(String(thrownBy(() => preparePlugin(multiAuth, config)))).toContain(words);
});
