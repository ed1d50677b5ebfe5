import { coversFamily } from '../../functions/proxy/documents/address.ts';
import { compile, rejectionOfOpen } from '../support/open-routes.ts';

const forwarded = { source: 'http_x_forwarded_for' };
const inside = { whitelist: ['10.0.0.0/8'] };

test.each<[string, boolean, object]>([
  ['no plugin', true, {}],
  ['key-auth', false, { 'key-auth': {} }],
  ['key-auth that is switched off', true, { 'key-auth': { _meta: { disable: true } } }],
  ['an anonymous consumer', true, { 'key-auth': { anonymous_consumer: 'guest' } }],
  [
    'an anonymous consumer beside another authentication',
    false,
    { 'key-auth': { anonymous_consumer: 'guest' }, 'basic-auth': {} },
  ],
  [
    'an anonymous consumer and a whitelist without it',
    false,
    {
      'key-auth': { anonymous_consumer: 'guest' },
      'consumer-restriction': { whitelist: ['ann'] },
    },
  ],
  [
    'an anonymous consumer and a whitelist with it',
    true,
    {
      'key-auth': { anonymous_consumer: 'guest' },
      'consumer-restriction': { whitelist: ['ann', 'guest'] },
    },
  ],
  [
    'an anonymous consumer on whitelist and blacklist',
    false,
    {
      'key-auth': { anonymous_consumer: 'guest' },
      'consumer-restriction': { whitelist: ['ann', 'guest'], blacklist: ['guest'] },
    },
  ],
  [
    'an anonymous consumer and a blacklist',
    true,
    {
      'key-auth': { anonymous_consumer: 'guest' },
      'consumer-restriction': { blacklist: ['ann'] },
    },
  ],
  ['a whitelist of addresses', false, { 'ip-restriction': inside }],
  ['a blacklist of addresses', true, { 'ip-restriction': { blacklist: ['10.0.0.0/8'] } }],
  ['every address', true, { 'ip-restriction': { whitelist: ['0.0.0.0/0', '::/0'] } }],
  ['every IPv4 address', true, { 'ip-restriction': { whitelist: ['0.0.0.0/0'] } }],
  ['every IPv6 address', true, { 'ip-restriction': { whitelist: ['10.0.0.1', '::/0'] } }],
  ['both halves', true, { 'ip-restriction': { whitelist: ['128.0.0.0/1', '0.0.0.0/1'] } }],
  ['one half', false, { 'ip-restriction': { whitelist: ['128.0.0.0/1'] } }],
  [
    'an address that a trusted proxy says',
    false,
    { 'ip-restriction': inside, 'real-ip': { ...forwarded, trusted_addresses: ['192.0.2.1'] } },
  ],
  [
    'an address that everyone may say',
    true,
    { 'ip-restriction': inside, 'real-ip': { ...forwarded, trusted_addresses: ['0.0.0.0/0'] } },
  ],
  [
    'an address in a parameter',
    true,
    { 'ip-restriction': inside, 'real-ip': { source: 'arg_ip', trusted_addresses: ['192.0.2.1'] } },
  ],
  [
    'an address in a cookie',
    true,
    {
      'ip-restriction': inside,
      'real-ip': { source: 'cookie_ip', trusted_addresses: ['192.0.2.1'] },
    },
  ],
  [
    'an address that everyone may say, and a key',
    false,
    { 'key-auth': {}, 'real-ip': { ...forwarded, trusted_addresses: ['0.0.0.0/0'] } },
  ],
  [
    'what clients write of themselves',
    true,
    { 'ua-restriction': { denylist: ['bot'] }, csrf: { key: 'k' } },
  ],
])('a route with %s is open: %s', async (_, isOpen, plugins) => {
  expect((await compile(plugins)).routes[0]?.isOpen).toBe(isOpen);
  expect(await rejectionOfOpen(plugins)).toBe(isOpen);
});

test.each([
  [['0.0.0.0/0'], true],
  [['::/0'], true],
  [['0.0.0.0/1'], false],
  [['0.0.0.0/1', '128.0.0.0/2', '192.0.0.0/2'], true],
  [['0.0.0.0/1', '128.0.0.0/2', '192.0.0.0/3'], false],
  [['::/1', '8000::/1'], true],
  [['::/1', '8000::/2'], false],
  [['::ffff:0:0/96'], true],
  [['::1.2.3.4', '2001:db8::/32', 'fe80::1'], false],
  [[], false],
])('%j cover a whole family: %s', (ranges, covers) => {
  expect(coversFamily(ranges)).toBe(covers);
});
