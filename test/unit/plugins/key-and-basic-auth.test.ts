import * as v from 'valibot';
import type { AccessRecord } from '../../../functions/proxy/chain/exchange.ts';
import { basicAuth } from '../../../functions/proxy/plugins/authentication/basic-auth.ts';
import { keyAuth } from '../../../functions/proxy/plugins/authentication/key-auth.ts';
import type { Plugin } from '../../../functions/proxy/plugins/plugin.ts';
import { createConsumers } from '../../../functions/proxy/routes/consumers.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin, toConsumer } from '../../support/plugin-rig.ts';

const ann = toConsumer(
  'ann',
  new Map([
    ['key-auth', { key: 'ann-key', settings: { key: 'ann-key' } }],
    ['basic-auth', { key: 'ann', settings: { username: 'ann', password: 'pä:ss' } }],
  ]),
);
const consumers = createConsumers([ann, toConsumer('guest', new Map())]);

async function run(plugin: Plugin, config: unknown, headers: Record<string, string>, query = '') {
  const record: AccessRecord = { coldStart: false, upstreamTries: 0 };
  const { passed, error } = await runPlugin(plugin, config, {
    request: { headers, query },
    exchange: { consumers, record },
  });
  return { passed, error, record };
}

const toBasic = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`;
const missing = 'Missing API key in request';
const invalid = 'Invalid API key in request';

test.each<[unknown, Record<string, string>, string, string]>([
  [{}, { apikey: 'ann-key' }, '', 'ann'],
  [{}, { apikey: 'other' }, '', invalid],
  [{}, { apikey: '' }, 'apikey=ann-key', invalid],
  [{}, {}, 'apikey=ann-key', 'ann'],
  [{}, {}, 'a=1&apikey=ann-key', 'ann'],
  [{}, {}, 'apikey=ann-key&apikey=ann-key', invalid],
  [{}, {}, 'apikey=ann-&apikey=key', invalid],
  [{}, { apikey: 'other' }, 'apikey=ann-key', invalid],
  [{}, {}, '', missing],
  [{ header: 'x-key', query: 'k' }, { apikey: 'ann-key' }, 'apikey=ann-key', missing],
  [{ header: 'x-key' }, { 'x-key': 'ann-key' }, '', 'ann'],
  [{ query: 'k' }, {}, 'k=ann-key', 'ann'],
  [{ anonymous_consumer: 'guest' }, {}, '', 'guest'],
  [{ anonymous_consumer: 'guest' }, { apikey: 'other' }, '', invalid],
  [{ anonymous_consumer: 'unknown' }, {}, '', missing],
])('key-auth with %j and %j ?%s: %s', async (config, headers, query, expected) => {
  const { passed, error } = await run(keyAuth, config, headers, query);

  expect(error?.detail ?? passed?.consumer?.username).toBe(expected);
});

const unread = 'Invalid authorization in request';
const wrong = 'Invalid user authorization';

test.each<[unknown, string | undefined, string]>([
  [{}, toBasic('ann:pä:ss'), 'ann'],
  [{}, toBasic('ann:pa\u0308:ss'), 'ann'],
  [{}, toBasic('ann:pä:ss').replace('Basic ', 'bASIC   '), 'ann'],
  [{}, toBasic('ann:other'), wrong],
  [{}, toBasic('ann:'), wrong],
  [{}, toBasic('eve:'), wrong],
  [{}, toBasic('eve:pä:ss'), wrong],
  [{}, toBasic('\ufeffann:pä:ss'), wrong],
  [{}, toBasic('ann'), unread],
  [{}, toBasic('ann:pä:ss\n'), unread],
  [{}, toBasic(Buffer.from([0x61, 0x3a, 0xff])), unread],
  [{}, 'Basic', unread],
  [{}, 'Bearer abc', unread],
  [{}, toBasic('ann:x').replace(' ', ' '.repeat(8179)), wrong],
  [{}, toBasic('ann:x').replace(' ', ' '.repeat(8180)), unread],
  [{}, toBasic(`ann:${'x'.repeat(6200)}`), unread],
  [{}, toBasic(`ann:${'x'.repeat(6000)}`), wrong],
  [{}, `x${toBasic('ann:pä:ss')}`, unread],
  [{}, `${toBasic('ann:pä:ss')} x`, unread],
  [{}, undefined, 'Missing authorization in request'],
  [{ anonymous_consumer: 'guest' }, undefined, 'guest'],
  [{ anonymous_consumer: 'guest' }, toBasic('ann:other'), wrong],
])('basic-auth with %j and %.40j: %s', async (config, authorization, expected) => {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const { passed, error } = await run(basicAuth, config, headers);

  expect(error?.detail ?? passed?.consumer?.username).toBe(expected);
});

test('who is known is told to the log and the upstream', async () => {
  const { passed, record } = await run(keyAuth, {}, { apikey: 'ann-key' });

  expect(record.consumer).toBe('ann');
  expect([...(passed?.identity ?? [])]).toEqual([
    ['x-consumer-username', 'ann'],
    ['x-consumer-custom-id', 'id-of-ann'],
    ['x-credential-identifier', undefined],
  ]);
});

test.each([
  [true, {}, 'a=1'],
  [false, { apikey: 'ann-key' }, 'a=1&apikey=ann-key'],
  [undefined, { apikey: 'ann-key' }, 'a=1&apikey=ann-key'],
])('hide_credentials: %s hides the key from the upstream', async (hide, headers, query) => {
  const config = { hide_credentials: hide };
  const { passed } = await run(keyAuth, config, { apikey: 'ann-key' }, 'a=1&apikey=ann-key');

  expect({ ...passed?.request.headers }).toEqual(headers);
  expect(passed?.request.query).toBe(query);
});

test.each([
  [true, undefined],
  [false, toBasic('ann:pä:ss')],
  [undefined, toBasic('ann:pä:ss')],
])('hide_credentials: %s hides the password from the upstream', async (hide, expected) => {
  const config = { hide_credentials: hide };
  const { passed } = await run(basicAuth, config, { authorization: toBasic('ann:pä:ss') });

  expect(passed?.request.headers['authorization']).toBe(expected);
});

test.each<[Plugin, unknown, string]>([
  [keyAuth, {}, 'apikey realm="key"'],
  [keyAuth, { realm: 'mine' }, 'apikey realm="mine"'],
  [basicAuth, {}, 'Basic realm="basic"'],
  [basicAuth, { realm: 'mine' }, 'Basic realm="mine"'],
])('$name with %j challenges by %s', async (plugin, config, expected) => {
  const { error } = await run(plugin, config, {});

  expect(error).toMatchObject({
    code: 'UNAUTHENTICATED',
    headers: { 'www-authenticate': expected },
  });
});

test.each([keyAuth, basicAuth])(
  '$name refuses clients, unless strangers pass as someone',
  (plugin) => {
    const facts = { anonymousConsumers: new Set<string>(), clientChoosesAddress: false };
    const open = preparePlugin(plugin, { anonymous_consumer: 'guest' });
    const closed = preparePlugin(plugin, {});

    expect([open.refusesClients(facts), open.anonymousConsumer]).toEqual([false, 'guest']);
    expect([closed.refusesClients(facts), closed.anonymousConsumer]).toEqual([true, undefined]);
  },
);

test('a key in the query is masked in the log', () => {
  expect(preparePlugin(keyAuth, { query: 'k' }).secretParameters).toEqual(['k']);
});

test.each<[Plugin, unknown]>([
  [keyAuth, { realm: 'a"b' }],
  [keyAuth, { realm: 'a\\b' }],
  [keyAuth, { realm: 'ä' }],
  [keyAuth, { query: '' }],
  [keyAuth, { anonymous_consumer: '' }],
])('$name refuses the settings %j', (plugin, config) => {
  expect(thrownBy(() => preparePlugin(plugin, config))).toMatchObject({ name: 'DocumentError' });
});

test.each<[Plugin, unknown, string]>([
  [keyAuth, { key: 'ann-key' }, 'ann-key'],
  [basicAuth, { username: 'ann', password: 'x' }, 'ann'],
  [basicAuth, { username: 'a\u0308nn', password: 'x' }, 'änn'],
])('a consumer of $name with %j is found by %s', (plugin, settings, expected) => {
  const { schema, toKey } = plugin.consumer ?? {};

  expect(schema && toKey?.(v.parse(schema, settings))).toBe(expected);
});

test('a password is kept in the form in which it is compared', () => {
  const settings = { username: 'ann', password: 'pa\u0308ss' };

  expect(basicAuth.consumer && v.parse(basicAuth.consumer.schema, settings)).toEqual({
    username: 'ann',
    password: 'päss',
  });
});

test.each<[Plugin, unknown, string]>([
  [keyAuth, { key: '' }, 'a key that is not empty'],
  [basicAuth, { username: '', password: 'x' }, 'a user name that is not empty'],
  [basicAuth, { username: 'a:b', password: 'x' }, 'a user name without `:` and control characters'],
  [basicAuth, { username: 'a\n', password: 'x' }, 'a user name without `:` and control characters'],
  [basicAuth, { username: 'ann', password: '' }, 'a password that is not empty'],
  [basicAuth, { username: 'ann', password: 'a\n' }, 'a password without control characters'],
])('a consumer of $name can not have %j: it needs %s', (plugin, settings, expected) => {
  const { issues } = v.safeParse(plugin.consumer?.schema ?? v.never(), settings);

  expect(issues?.map(({ message }) => message)).toEqual([expected]);
});
