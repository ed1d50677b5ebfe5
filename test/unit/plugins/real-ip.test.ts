import { realIp } from '../../../functions/proxy/plugins/traffic/real-ip.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin } from '../../support/plugin-rig.ts';

const peer = '10.0.0.1';
const forwarded = { source: 'http_x_forwarded_for', trusted_addresses: ['10.0.0.0/8', 'fd00::/8'] };
const recursive = { ...forwarded, recursive: true };
const header = { source: 'http_x_real_ip', trusted_addresses: ['10.0.0.0/8'] };
const viewer = { source: 'http_cloudfront_viewer_address', trusted_addresses: ['10.0.0.0/8'] };

async function clientIp(config: unknown, value: string | undefined, sourceIp = peer) {
  const { source } = config as { readonly source: string };
  const name = source.replace('http_', '').replaceAll('_', '-');
  const headers: Record<string, string> = value === undefined ? {} : { [name]: value };
  const { passed } = await runPlugin(realIp, config, { request: { headers, sourceIp } });
  return passed?.request.clientIp;
}

test.each([
  // The function URL has added the peer; the entry before it is what the peer says.
  [forwarded, '198.51.100.1, 10.0.0.1', '198.51.100.1'],
  [forwarded, '203.0.113.9, 198.51.100.1, 10.0.0.1', '198.51.100.1'],
  [forwarded, '198.51.100.1', '198.51.100.1'],
  [forwarded, '198.51.100.1, 10.0.0.2', '10.0.0.2'],
  [forwarded, '10.0.0.1', peer],
  [forwarded, 'nonsense, 10.0.0.1', peer],
  [forwarded, '', peer],
  [forwarded, undefined, peer],
  [forwarded, ' 198.51.100.1:443 , 10.0.0.1', '198.51.100.1'],
  [forwarded, '198.51.100.1:0, 10.0.0.1', peer],
  [forwarded, '198.51.100.1:1, 10.0.0.1', '198.51.100.1'],
  [forwarded, '198.51.100.1:65535, 10.0.0.1', '198.51.100.1'],
  [forwarded, '198.51.100.1:65536, 10.0.0.1', peer],
  [forwarded, '[2001:db8::1]:443, 10.0.0.1', '2001:db8::1'],
  [forwarded, '[2001:db8::1], 10.0.0.1', '2001:db8::1'],
  [forwarded, '2001:db8::1, 10.0.0.1', '2001:db8::1'],
  [forwarded, '[198.51.100.1]:443, 10.0.0.1', peer],
  [forwarded, `${'1'.repeat(101)}, 10.0.0.1`, peer],
  [forwarded, `198.51.100.1${' '.repeat(88)},10.0.0.1`, '198.51.100.1'],
  [forwarded, `198.51.100.1${' '.repeat(1000)},10.0.0.1`, '198.51.100.1'],
  [forwarded, `198.51.100.1${' '.repeat(89)}x,10.0.0.1`, peer],
  [recursive, '198.51.100.1, 10.0.0.3, 10.0.0.2, 10.0.0.1', '198.51.100.1'],
  [recursive, '203.0.113.9, 198.51.100.1, 10.0.0.1', '198.51.100.1'],
  [recursive, '10.0.0.4, 10.0.0.3, 10.0.0.1', '10.0.0.4'],
  [recursive, 'nonsense, 10.0.0.3, 10.0.0.1', peer],
  [recursive, ',10.0.0.3, 10.0.0.1', peer],
  [recursive, '10.0.0.1', peer],
  [recursive, `198.51.100.1${', 10.0.0.2'.repeat(98)}, 10.0.0.1`, '198.51.100.1'],
  [recursive, `198.51.100.1${', 10.0.0.2'.repeat(99)}, 10.0.0.1`, '10.0.0.2'],
  [header, '198.51.100.1', '198.51.100.1'],
  [header, ' 198.51.100.1 ', '198.51.100.1'],
  [header, '198.51.100.1, 203.0.113.9', peer],
  [header, undefined, peer],
  [header, `${' '.repeat(101)}198.51.100.1`, '198.51.100.1'],
  [header, `198.51.100.1${' '.repeat(101)}x`, peer],
  [header, `198.51.100.1${' '.repeat(101)}, 203.0.113.9`, peer],
  [viewer, '198.51.100.1:4711', '198.51.100.1'],
  [viewer, '2001:db8::1:4711 ', '2001:db8::1'],
  [viewer, '2001:db8::1:4711', '2001:db8::1'],
])('with %j, %.60j of a trusted peer means the client %s', async (config, value, expected) => {
  expect(await clientIp(config, value)).toBe(expected);
});

test('the address may stand in a parameter', async () => {
  const config = { source: 'arg_ip', trusted_addresses: ['10.0.0.0/8'] };
  const request = { query: 'ip=198.51.100.1', sourceIp: peer };
  const { passed } = await runPlugin(realIp, config, { request });

  expect(passed?.request.clientIp).toBe('198.51.100.1');
});

test('what a peer says that is not trusted means nothing', async () => {
  expect(await clientIp(header, '198.51.100.1', '192.0.2.9')).toBe('192.0.2.9');
});

test('a port behind an address with colons is taken for a part of it, but from CloudFront', async () => {
  expect(await clientIp(header, '2001:db8::1:4711')).toBe('2001:db8::1:4711');
});

test.each([
  [forwarded, false],
  [{ ...forwarded, source: 'arg_ip' }, true],
  [{ ...forwarded, source: 'cookie_ip' }, true],
  [{ ...forwarded, trusted_addresses: ['0.0.0.0/0'] }, true],
])('with %j the client chooses its address: %s', (config, expected) => {
  expect(preparePlugin(realIp, config).clientChoosesAddress).toBe(expected);
});

test.each([
  [{ source: 'http_x_real_ip' }],
  [{ source: 'remote_addr', trusted_addresses: ['10.0.0.0/8'] }],
  [{ source: 'x_http_y', trusted_addresses: ['10.0.0.0/8'] }],
  [{ source: 'http_', trusted_addresses: ['10.0.0.0/8'] }],
])('the settings %j are refused', (config) => {
  expect(thrownBy(() => preparePlugin(realIp, config))).toMatchObject({ name: 'DocumentError' });
});
