import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import { createAddressSet, toAddress } from '../../functions/proxy/documents/address.ts';
import { ipRestriction } from '../../functions/proxy/plugins/security/ip-restriction.ts';
import { realIp } from '../../functions/proxy/plugins/traffic/real-ip.ts';
import { rejectionOf, toExchange, toRequest, toResponse, toServices } from '../support/builders.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['::', '::'],
  ['::192.0.2.1', '::192.0.2.1'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ['192.0.2.01', undefined],
  ['192.0.2', undefined],
  ['3221225985', undefined],
  ['0xc0.0.2.1', undefined],
  ['fe80::1%1', undefined],
  [' 192.0.2.1', undefined],
  ['192.0.2.1\n', undefined],
  ['[::1]', undefined],
  ['localhost', undefined],
  ['', undefined],
])('%j is the address %s', (text, address) => {
  expect(toAddress(text)).toBe(address);
});

test('a set answers undefined for a text that is not an address', () => {
  const set = createAddressSet(['0.0.0.0/0', '::/0']);

  expect(['192.0.2.1', '::1', '', 'unknown'].map(set.has)).toEqual([
    ...[true, true, undefined, undefined],
  ]);
});

test.each([{ whitelist: ['0.0.0.0/0', '::/0'] }, { blacklist: ['192.0.2.1'] }])(
  'a client without an address is let in by no list: %j',
  async (config) => {
    const { middleware } = ipRestriction.prepare(config, toServices(), {
      pointer: '',
      written: config,
    });
    const exchange = toExchange({ request: toRequest({ sourceIp: '', clientIp: '' }) });

    const error = await rejectionOf(middleware(exchange, async () => toResponse()));
    expect(error).toMatchObject({ code: 'FORBIDDEN' });
  },
);

test('a peer without an address is trusted by no list', async () => {
  const config = { source: 'http_from', trusted_addresses: ['0.0.0.0/0', '::/0'] };
  const { middleware } = realIp.prepare(config, toServices(), { pointer: '', written: config });
  const clientOf = async (sourceIp: string) => {
    let seen: Exchange | undefined;
    const request = toRequest({ sourceIp, headers: { from: '192.0.2.9' } });
    await middleware(toExchange({ request }), async (exchange) => {
      seen = exchange;
      return toResponse();
    });
    return seen?.request.clientIp;
  };

  expect([await clientOf(''), await clientOf('::1')]).toEqual(['', '192.0.2.9']);
});
