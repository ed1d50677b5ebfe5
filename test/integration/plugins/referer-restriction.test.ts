/** Which pages may link here. */
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';

describe('referer-restriction', () => {
  let guarded: Guarded;

  beforeAll(async () => {
    const hosts = ['*.xx.com', 'yy.com'];
    guarded = await startGuarded({
      white: { 'referer-restriction': { whitelist: hosts } },
      lenient: { 'referer-restriction': { whitelist: hosts, bypass_missing: true } },
      black: {
        'referer-restriction': { blacklist: [...hosts, 'ZZ.com'], message: 'not from you' },
      },
      any: { 'referer-restriction': { whitelist: ['*'] } },
    });
  });

  afterAll(() => guarded.close());

  it.each([
    ['white', 'http://www.xx.com', 200],
    ['white', 'https://yy.com/am', 200],
    ['white', 'https://www.yy.com/am', 403],
    ['white', 'https://xx.com/', 403],
    ['white', 'https://YY.com.:8443/?q', 200],
    ['white', 'https://yy.com@evil.example/', 403],
    ['white', 'https://evil.example/https://yy.com/', 403],
    ['white', 'https://evil.example?.xx.com', 403],
    ['white', 'https://evil.example#.xx.com', 403],
    ['white', 'https://evil.example\\.xx.com', 403],
    ['white', 'https://yy.com%2eevil.example/', 403],
    ['white', '//yy.com/', 403],
    ['white', 'javascript://yy.com/', 403],
    ['white', 'www.xx.com', 403],
    ['white', '', 403],
    ['lenient', 'www.yy.com', 200],
    ['lenient', '', 200],
    ['lenient', 'https://evil.example/', 403],
    ['black', 'https://www.xx.com/', 403],
    ['black', 'https://zz.com/', 403],
    ['black', 'https://zz.com../', 403],
    ['black', 'https://evil.example/', 200],
    ['black', '', 403],
    ['any', 'https://evil.example/', 200],
    ['any', 'nonsense', 403],
  ])('on %s, from %s is answered %s', async (route, referer, status) => {
    const response = await guarded.ask(route, headers(['referer', referer]));

    expect(response.status).toBe(status);
  });

  it('without the header is as bypass_missing says, and with a message as the document has it', async () => {
    expect((await guarded.ask('white')).status).toBe(403);
    expect((await guarded.ask('lenient')).status).toBe(200);
    expect((await guarded.ask('white')).json()).toMatchObject({
      detail: 'Your referer host is not allowed',
    });
    expect((await guarded.ask('black')).json()).toMatchObject({ detail: 'not from you' });
  });
});
