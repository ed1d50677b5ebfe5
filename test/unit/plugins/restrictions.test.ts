import type { Plugin } from '../../../functions/proxy/plugins/plugin.ts';
import { ipRestriction } from '../../../functions/proxy/plugins/security/ip-restriction.ts';
import { refererRestriction } from '../../../functions/proxy/plugins/security/referer-restriction.ts';
import { uaRestriction } from '../../../functions/proxy/plugins/security/ua-restriction.ts';
import { uriBlocker } from '../../../functions/proxy/plugins/security/uri-blocker.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin, verdictOf } from '../../support/plugin-rig.ts';

const refused = '403 FORBIDDEN';
const route = { anonymousConsumers: new Set<string>(), clientChoosesAddress: false };

describe('ip-restriction', () => {
  test.each([
    [{ whitelist: ['10.0.0.0/8'] }, '10.1.2.3', 'passed'],
    [{ whitelist: ['10.0.0.0/8'] }, '11.1.2.3', refused],
    [{ whitelist: ['10.0.0.0/8'] }, 'no address', refused],
    [{ blacklist: ['10.0.0.0/8'] }, '10.1.2.3', refused],
    [{ blacklist: ['10.0.0.0/8'] }, '11.1.2.3', 'passed'],
    [{ blacklist: ['10.0.0.0/8'] }, 'no address', refused],
    [{ blacklist: ['10.0.0.0/8'], response_code: 404 }, '10.1.2.3', '404 FORBIDDEN'],
  ])('with %j, a client at %s: %s', async (config, clientIp, expected) => {
    // What counts is the client, and not the peer.
    const request = { clientIp, sourceIp: '192.0.2.1' };

    expect(await verdictOf(ipRestriction, config, { request })).toBe(expected);
  });

  test.each([
    [{ whitelist: ['10.0.0.0/8'] }, route, true],
    [{ whitelist: ['10.0.0.0/8'] }, { ...route, clientChoosesAddress: true }, false],
    [{ whitelist: ['0.0.0.0/0'] }, route, false],
    [{ blacklist: ['10.0.0.0/8'] }, route, false],
  ])('%j refuses clients of a route with %j: %s', (config, facts, expected) => {
    expect(preparePlugin(ipRestriction, config).refusesClients(facts)).toBe(expected);
  });
});

describe('ua-restriction', () => {
  const many = Array.from({ length: 32 }, () => 'x').join(',');

  test.each([
    [{ allowlist: ['^good'] }, 'good/1', 'passed'],
    [{ allowlist: ['^good'] }, 'bad/1', refused],
    [{ allowlist: ['^good'] }, 'bad, good', refused],
    [{ denylist: ['^bad'] }, 'good/1', 'passed'],
    [{ denylist: ['^bad'] }, ' bad/1 ', refused],
    [{ denylist: ['^bad'] }, 'good, bad', refused],
    [{ denylist: ['^b.*d, x'] }, 'bad, x', refused],
    [{ denylist: ['^bad'] }, many.slice(0, -2), 'passed'],
    [{ denylist: ['^bad'] }, many, 'passed'],
    [{ denylist: ['^bad'] }, `${many},x`, refused],
    [{ denylist: ['^bad'] }, 'g'.repeat(100_000), refused],
    [{ denylist: ['^bad'] }, undefined, refused],
    [{ denylist: ['^bad'] }, '  ', refused],
    [{ denylist: ['^bad'], bypass_missing: true }, undefined, 'passed'],
    [{ denylist: ['^bad'], bypass_missing: true }, '', 'passed'],
    [{ denylist: ['^bad'], bypass_missing: true }, 'bad/1', refused],
    [{ denylist: ['^bad'] }, 'g'.repeat(8192), 'passed'],
  ])('with %j, the agent %j: %s', async (config, agent, expected) => {
    const headers: Record<string, string> = agent === undefined ? {} : { 'user-agent': agent };

    expect(await verdictOf(uaRestriction, config, { request: { headers } })).toBe(expected);
  });
});

describe('referer-restriction', () => {
  test.each([
    [{ whitelist: ['example.com'] }, 'https://example.com/a', 'passed'],
    [{ whitelist: ['example.com'] }, 'http://EXAMPLE.com./a', 'passed'],
    [{ whitelist: ['Example.com'] }, 'http://example.com..', 'passed'],
    [{ whitelist: ['example.com'] }, 'https://a.example.com/', refused],
    [{ whitelist: ['*.example.com'] }, 'https://a.example.com/', 'passed'],
    [{ whitelist: ['*.example.com'] }, 'https://example.com/', refused],
    [{ whitelist: ['*'] }, 'https://anything/', 'passed'],
    [{ whitelist: ['example.com'] }, 'ftp://example.com/', refused],
    [{ whitelist: ['example.com'] }, 'example.com', refused],
    [{ whitelist: ['example.com'] }, undefined, refused],
    [{ whitelist: ['example.com'] }, `https://example.com/${'a'.repeat(8172)}`, 'passed'],
    [{ whitelist: ['example.com'] }, `https://example.com/${'a'.repeat(8173)}`, refused],
    [{ whitelist: ['example.com'], bypass_missing: true }, undefined, 'passed'],
    [{ whitelist: ['example.com'], bypass_missing: true }, 'nonsense', 'passed'],
    [{ blacklist: ['example.com'] }, 'https://example.com/', refused],
    [{ blacklist: ['example.com'] }, 'https://example.org/', 'passed'],
  ])('with %j, a link from %j: %s', async (config, referer, expected) => {
    const headers: Record<string, string> = referer === undefined ? {} : { referer };

    expect(await verdictOf(refererRestriction, config, { request: { headers } })).toBe(expected);
  });
});

describe('uri-blocker', () => {
  const rules = { block_rules: ['root.exe', '^/admin'] };

  test.each([
    [rules, '/a', '', 'passed'],
    [rules, '/admin/x', '', refused],
    [rules, '/%61dmin', '', refused],
    [rules, '/ADMIN', '', 'passed'],
    [{ ...rules, case_insensitive: true }, '/ADMIN', '', refused],
    [rules, '/a', 'x=root.exe', refused],
    [{ ...rules, rejected_code: 404 }, '/admin', '', '404 FORBIDDEN'],
    [rules, '/a', 'x'.repeat(8190), 'passed'],
    [rules, '/a', 'x'.repeat(8191), refused],
    [rules, '/a', 'x'.repeat(100_000), refused],
    [rules, `/${'a'.repeat(100_000)}`, '', refused],
  ])('with %j, %.20s?%.20s: %s', async (config, path, query, expected) => {
    expect(await verdictOf(uriBlocker, config, { request: { path, query } })).toBe(expected);
  });
});

test('each rule of uri-blocker stands there once', () => {
  const error = thrownBy(() => preparePlugin(uriBlocker, { block_rules: ['a', 'a'] }));

  expect(error).toMatchObject({ message: expect.stringContaining('each rule once') });
});

test.each([
  [ipRestriction, { whitelist: ['10.0.0.1'] }, 'Your IP address is not allowed'],
  [uaRestriction, { allowlist: ['x'] }, 'Not allowed'],
  [refererRestriction, { whitelist: ['x'] }, 'Your referer host is not allowed'],
  [uriBlocker, { block_rules: ['.'] }, undefined],
])('$name says what it was told to say, or its own words', async (plugin, config, own) => {
  const field = plugin === uriBlocker ? 'rejected_msg' : 'message';
  const usual = await runPlugin(plugin, config);
  const told = await runPlugin(plugin, { ...config, [field]: 'go away' });

  expect([usual.error?.detail, told.error?.detail]).toEqual([own, 'go away']);
  expect(usual.error?.message).toBe(`refused by ${plugin.name}`);
});

test.each([
  [ipRestriction, 'whitelist', 'blacklist', ['10.0.0.1']],
  [uaRestriction, 'allowlist', 'denylist', ['x']],
  [refererRestriction, 'whitelist', 'blacklist', ['x']],
] as const)('$name takes one of both lists', (plugin, one, other, list) => {
  expect(() => preparePlugin(plugin, { [one]: list })).not.toThrow();
  expect(thrownBy(() => preparePlugin(plugin, {}))).toMatchObject({ name: 'DocumentError' });
  const both = { [one]: list, [other]: list };
  expect(thrownBy(() => preparePlugin(plugin, both))).toMatchObject({ name: 'DocumentError' });
});

test.each<[typeof uriBlocker, unknown]>([
  [uriBlocker, { block_rules: ['a', 'a'] }],
  [uriBlocker, { block_rules: ['a'], rejected_code: 199 }],
  [refererRestriction, { whitelist: ['https://x'] }],
  [refererRestriction, { whitelist: ['a*'] }],
  [ipRestriction, { whitelist: ['x'] }],
  [ipRestriction, { whitelist: ['10.0.0.1'], response_code: 405 }],
])('$name refuses the settings %j', (plugin, config) => {
  expect(thrownBy(() => preparePlugin(plugin, config))).toMatchObject({ name: 'DocumentError' });
});

const costly = ': a text of more than 8192 characters, or a search of more than 1000000 steps';

test.each<[Plugin, object, object, string]>([
  [uaRestriction, { denylist: ['^bad'] }, { headers: { 'user-agent': 'bad' } }, ''],
  [uaRestriction, { denylist: ['^b'] }, { headers: { 'user-agent': 'g'.repeat(8193) } }, costly],
  [uriBlocker, { block_rules: ['bad'] }, { path: '/bad' }, ''],
  [uriBlocker, { block_rules: ['bad'] }, { path: '/', query: 'g'.repeat(8192) }, costly],
])('the log says why $name with %j refuses: %#', async (plugin, config, request, reason) => {
  const { error } = await runPlugin(plugin, config, { request });

  expect(error?.message).toBe(`refused by ${plugin.name}${reason}`);
});
