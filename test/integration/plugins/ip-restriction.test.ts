/** Addresses that are let in and kept out. The client's is what `real-ip` reads from a header here. */
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';

const from = { 'real-ip': { source: 'http_from', trusted_addresses: ['127.0.0.1'] } };
const list = (config: object) => ({ ...from, 'ip-restriction': config });

describe('ip-restriction', () => {
  let guarded: Guarded;

  beforeAll(async () => {
    guarded = await startGuarded({
      white: list({
        whitelist: ['127.0.0.1', '113.74.26.106/24', '2001:db8::/32', '::ffff:203.0.113.0/120'],
      }),
      black: list({ blacklist: ['113.74.26.106', '10.0.0.0/8', '2001:db8::5'] }),
      all6: list({ whitelist: ['::/0'] }),
      all4: list({ whitelist: ['0.0.0.0/0'] }),
      hidden: list({
        whitelist: ['192.0.2.1'],
        response_code: 404,
        message: 'Do you want to do something bad?',
      }),
      bare: { 'ip-restriction': { blacklist: ['192.0.2.1'] } },
    });
  });

  afterAll(() => guarded.close());

  it.each([
    ['white', '127.0.0.1', 200],
    ['white', '113.74.26.1', 200],
    ['white', '113.74.27.1', 403],
    ['white', '::ffff:113.74.26.1', 200],
    ['white', '::ffff:714a:1a01', 200],
    ['white', '::ffff:0:113.74.26.1', 403],
    ['white', '::113.74.26.1', 403],
    ['white', '64:ff9b::113.74.26.1', 403],
    ['white', '2001:DB8:FFFF::1', 200],
    ['white', '2001:db9::1', 403],
    ['white', '203.0.113.9', 200],
    ['white', '203.0.114.9', 403],
    ['black', '113.74.26.106', 403],
    ['black', '::ffff:113.74.26.106', 403],
    ['black', '113.74.26.107', 200],
    ['black', '10.255.255.255', 403],
    ['black', '2001:db8:0:0:0:0:0:5', 403],
    ['black', '2001:db8::6', 200],
    // Every IPv6 address is not every address.
    ['all6', '192.0.2.1', 403],
    ['all6', '::ffff:192.0.2.1', 403],
    ['all6', '::1', 200],
    ['all4', '192.0.2.1', 200],
    ['all4', '::1', 403],
  ])('%s for %s answers %s', async (route, address, status) => {
    const response = await guarded.ask(route, headers(['from', address]));

    expect(response.status).toBe(status);
  });

  it('says in a problem why, and the upstream is not called', async () => {
    const response = await guarded.ask('white', headers(['from', '192.0.2.9']));

    expect(response.header('countersign-error')).toBe('FORBIDDEN');
    expect(response.json()).toMatchObject({
      status: 403,
      detail: 'Your IP address is not allowed',
    });
    expect(JSON.stringify(response.headers) + response.text()).not.toContain('192.0.2.9');
  });

  it('answers with the status and message of the document', async () => {
    const response = await guarded.ask('hidden', headers(['from', '192.0.2.9']));

    expect(response.status).toBe(404);
    expect(response.json()).toMatchObject({ detail: 'Do you want to do something bad?' });
  });

  it('believes no header by itself', async () => {
    const response = await guarded.ask(
      'bare',
      headers(['x-forwarded-for', '192.0.2.1'], ['x-real-ip', '192.0.2.1']),
    );

    expect(response.status).toBe(200);
  });
});

it('a whitelist keeps a route from being open, and a blacklist does not', async () => {
  const guarded = await startGuarded({
    white: { 'ip-restriction': { whitelist: ['192.0.2.1'] } },
    black: { 'ip-restriction': { blacklist: ['192.0.2.1'] } },
  });

  expect(await guarded.artefact.logged({ event: 'table' })).toMatchObject({ open: ['black'] });
  await guarded.close();
});
