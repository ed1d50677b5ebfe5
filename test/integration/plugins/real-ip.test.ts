/** Whose address counts, with a proxy in front or without; ip-restriction behind it shows which one it is. */
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';

const only = (...whitelist: string[]) => ({ 'ip-restriction': { whitelist } });
const trusting = (source: string, more: object = {}) => ({
  'real-ip': { source, trusted_addresses: ['127.0.0.0/8'], ...more },
});
const v4 = only('1.1.1.1');
const v6 = only('2001:db8::2');
const recursive = {
  recursive: true,
  trusted_addresses: ['127.0.0.0/8', '192.0.2.0/24', '2001:db8:1::/48'],
};

describe('real-ip', () => {
  let guarded: Guarded;

  beforeAll(async () => {
    guarded = await startGuarded({
      named: { ...trusting('http_xff'), ...v4 },
      named6: { ...trusting('http_xff'), ...v6 },
      forwarded: { ...trusting('http_x_forwarded_for'), ...v4 },
      forwarded6: { ...trusting('http_x_forwarded_for'), ...v6 },
      recursive: { ...trusting('http_x_forwarded_for', recursive), ...v4 },
      own: { ...trusting('http_x_forwarded_for', recursive), ...only('192.0.2.7') },
      untrusted: {
        ...trusting('http_x_forwarded_for', { trusted_addresses: ['192.168.0.0/16', '::1'] }),
        ...v4,
      },
      argument: { ...trusting('arg_realip'), ...v4 },
      cookie: { ...trusting('cookie_ip'), ...v4 },
      viewer: { ...trusting('http_cloudfront_viewer_address'), ...v4 },
      viewer6: { ...trusting('http_cloudfront_viewer_address'), ...v6 },
      without: v4,
      peer: { ...trusting('http_xff'), ...only('127.0.0.1') },
    });
  });

  afterAll(() => guarded.close());

  // Cases of APISIX's own test suite, and what has been tried elsewhere to pass for somebody else.
  it.each([
    ['named', 'xff', '1.1.1.1', 200],
    ['named', 'xff', '1.1.1.1:80', 200],
    ['named', 'xff', ' 1.1.1.1 ', 200],
    ['named', 'other', '1.1.1.1', 403],
    ['named', 'xff', '1.1.1.1.1', 403],
    ['named', 'xff', '1.1.1.1:65536', 403],
    ['named', 'xff', '1.1.1.1:0', 403],
    ['named', 'xff', '01.01.01.01', 403],
    ['named', 'xff', '16843009', 403],
    ['named', 'xff', '0x1.1.1.1', 403],
    ['named', 'xff', '', 403],
    ['named', 'xff', '1.1.1.1, 9.9.9.9', 403],
    ['named', 'xff', '::ffff:1.1.1.1', 200],
    ['named', 'xff', '::FFFF:101:101', 200],
    ['named', 'xff', '[::ffff:1.1.1.1]:80', 200],
    ['named', 'xff', '[1.1.1.1]', 403],
    ['named', 'x_f_f', '1.1.1.1', 403],
    ['named6', 'xff', '2001:db8::2', 200],
    ['named6', 'xff', '[2001:db8::2]:80', 200],
    ['named6', 'xff', '[2001:db8::2]', 200],
    ['named6', 'xff', '2001:DB8:0:0:0:0:0:2', 200],
    ['named6', 'xff', '2001:db8::2%eth0', 403],
    ['named6', 'xff', '[2001:db8::2]:', 403],
    ['forwarded', 'x-forwarded-for', '1.1.1.1', 200],
    ['forwarded', 'x-forwarded-for', '9.9.9.9, 1.1.1.1', 200],
    ['forwarded', 'x-forwarded-for', '1.1.1.1, 9.9.9.9', 403],
    ['forwarded', 'x-forwarded-for', '9.9.9.9,1.1.1.1, 127.0.0.1', 403],
    ['forwarded', 'x-forwarded-for', '1.1.1.1, 127.0.0.1, 127.0.0.1', 403],
    ['forwarded', 'x-forwarded-for', '1.1.1.1,', 403],
    ['forwarded', 'x-forwarded-for', '127.0.0.1', 403],
    ['forwarded', 'x-forwarded-for', '1.1.1.1, unknown', 403],
    ['forwarded6', 'x-forwarded-for', '::1, 2001:db8::2', 200],
    ['recursive', 'x-forwarded-for', '1.1.1.1, 192.0.2.7', 200],
    ['recursive', 'x-forwarded-for', '9.9.9.9, 1.1.1.1, 2001:db8:1::5, 192.0.2.7', 200],
    ['recursive', 'x-forwarded-for', '1.1.1.1, 9.9.9.9, 192.0.2.7', 403],
    ['recursive', 'x-forwarded-for', '1.1.1.1, unknown, 192.0.2.7', 403],
    ['own', 'x-forwarded-for', '192.0.2.7, 192.0.2.8, 127.0.0.1', 200],
    ['untrusted', 'x-forwarded-for', '1.1.1.1', 403],
    ['cookie', 'cookie', 'a=9.9.9.9; ip=1.1.1.1', 200],
    ['viewer', 'cloudfront-viewer-address', '1.1.1.1:46532', 200],
    ['viewer', 'cloudfront-viewer-address', '1.1.1.1:46532,9.9.9.9:1', 403],
    ['viewer6', 'cloudfront-viewer-address', '2001:0db8:0:0:0:0:0:2:46532', 200],
    ['viewer6', 'cloudfront-viewer-address', '2001:db8::2:443', 200],
    ['without', 'x-forwarded-for', '1.1.1.1', 403],
    ['without', 'x-real-ip', '1.1.1.1', 403],
    ['peer', 'xff', 'nonsense', 200],
    ['peer', 'other', '1.1.1.1', 200],
    ['peer', 'xff', '1.1.1.1', 403],
  ])('on %s, %s: %s is answered %s', async (route, name, value, status) => {
    const response = await guarded.ask(route, headers([name, value]));

    expect(response.status).toBe(status);
  });

  it('takes the last of several X-Forwarded-For headers', async () => {
    const both = (first: string, second: string) =>
      guarded.ask('forwarded', headers(['x-forwarded-for', first], ['x-forwarded-for', second]));

    expect((await both('9.9.9.9', '1.1.1.1')).status).toBe(200);
    expect((await both('1.1.1.1', '9.9.9.9')).status).toBe(403);
  });

  it('reads a parameter of the query, decoded, and refuses two of them', async () => {
    const ask = async (target: string) => (await guarded.ask('argument', { target })).status;

    expect(await ask('?realip=1.1.1.1')).toBe(200);
    expect(await ask('?realip=%31.1.1.1%3A80')).toBe(200);
    expect(await ask('?realip=9.9.9.9&realip=1.1.1.1')).toBe(400);
    expect(await ask('?realip')).toBe(403);
  });

  it('changes nothing of what the upstream is told: the peer and the client before it', async () => {
    await guarded.ask('forwarded', headers(['x-forwarded-for', '1.1.1.1']));

    expect(guarded.upstream.received.at(-1)?.header('x-forwarded-for')).toBe('1.1.1.1, 127.0.0.1');
  });
});
