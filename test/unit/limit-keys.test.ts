import { toClientNetwork } from '../../functions/proxy/documents/address.ts';
import {
  compileKey,
  compileRuleKey,
  headersOfKey,
  type KeyConfig,
} from '../../functions/proxy/plugins/traffic/limits/key.ts';
import { toExchange, toRequest } from '../support/builders.ts';

test.each([
  ['2001:db8:1:2:3:4:5:6', '20010db800010002::/64'],
  ['2001:DB8:1:2::', '20010db800010002::/64'],
  ['2001:db8:1:3::1', '20010db800010003::/64'],
  ['::1', '0::/64'],
  ['64:ff9b::192.0.2.1', '64ff9b00000000::/64'],
  // An IPv4 address in the form of an IPv6 one has no network of its own.
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['fe80::1%1', 'fe80::1%1'],
  ['no address', 'no address'],
  ['', ''],
])('%s is counted as %s', (address, network) => {
  expect(toClientNetwork(address)).toBe(network);
});

const context = { pointer: '', written: {} };
const at = (clientIp: string) => toExchange({ request: toRequest({ clientIp }) });
const names = (config: KeyConfig, addresses: readonly string[]) =>
  addresses.map((address) => compileKey(config, context)(at(address)));
const [first, second, elsewhere] = ['2001:db8::1', '2001:db8::ffff:1', '2001:db8:0:1::1'];

test.each<KeyConfig>([
  { key: 'remote_addr', key_type: 'var' },
  { key: '$remote_addr $uri', key_type: 'var_combination' },
  { key: 'http_x_real_ip', key_type: 'var' },
  { key: 'http_x_missing', key_type: 'var' },
])('with %j, the addresses of one IPv6 network share a count', (config) => {
  const [one, other, outside] = names(config, [first, second, elsewhere]);

  expect(other).toBe(one);
  expect(outside).not.toBe(one);
});

test('with a rule of several, they share a count as well', () => {
  const nameOf = compileRuleKey('$remote_addr', '');

  expect(nameOf(at(second))).toBe(nameOf(at(first)));
});

test('each IPv4 address has a count of its own', () => {
  const [one, other] = names({ key: 'remote_addr', key_type: 'var' }, ['192.0.2.1', '192.0.2.2']);

  expect(other).not.toBe(one);
});

test.each<[KeyConfig, readonly string[]]>([
  [{ key: 'http_x_key', key_type: 'var' }, ['x-key']],
  [{ key: 'http_x-key', key_type: 'var' }, ['x-key']],
  [{ key: '$http_x_key $http_y $remote_addr', key_type: 'var_combination' }, ['x-key', 'y']],
  [{ key: '$post_arg_user', key_type: 'var_combination' }, ['content-type', 'content-encoding']],
  [{ key: 'content_type', key_type: 'var' }, ['content-type']],
  [{ key: 'remote_addr', key_type: 'var' }, []],
  [{ key: 'http_x_key', key_type: 'constant' }, []],
])('the key %j reads the headers %j', (config, headers) => {
  expect([...headersOfKey(config)]).toEqual(headers);
});
