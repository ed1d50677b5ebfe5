/** What may call itself what. */
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';

describe('ua-restriction', () => {
  let guarded: Guarded;

  beforeAll(async () => {
    const names = ['my-bot1', '(Baiduspider)/(\\d+)\\.(\\d+)', '^evil'];
    guarded = await startGuarded({
      allow: { 'ua-restriction': { allowlist: names } },
      deny: { 'ua-restriction': { denylist: names } },
      lenient: { 'ua-restriction': { denylist: names, bypass_missing: true, message: 'go away' } },
      bomb: { 'ua-restriction': { denylist: ['^(([a-z])+.)+[A-Z]([a-z])+$'] } },
    });
  });

  afterAll(() => guarded.close());

  it.each([
    ['allow', 'my-bot1', 200],
    ['allow', 'Baiduspider/3.0', 200],
    ['allow', 'Mozilla/5.0 (compatible; Baiduspider/3.0)', 200],
    ['allow', 'foo/bar', 403],
    ['allow', 'MY-BOT1', 403],
    ['deny', 'my-bot1', 403],
    ['deny', 'Baiduspider/3.0', 403],
    ['deny', 'foo/bar', 200],
    ['deny', '', 403],
    ['deny', '   ', 403],
    ['deny', 'evil', 403],
    ['deny', ' evil', 403],
    ['deny', 'not evil', 200],
    ['lenient', '', 200],
    ['lenient', 'my-bot1', 403],
  ])('on %s, %j is answered %s', async (route, agent, status) => {
    const response = await guarded.ask(route, headers(['user-agent', agent]));

    expect(response.status).toBe(status);
  });

  it('a second header is looked at as well', async () => {
    const two = headers(['user-agent', 'harmless'], ['user-agent', 'evil/1']);

    expect((await guarded.ask('deny', two)).status).toBe(403);
  });

  it('without the header is as bypass_missing says, and with a message as the document has it', async () => {
    expect((await guarded.ask('deny')).json()).toMatchObject({ detail: 'Not allowed' });
    expect((await guarded.ask('lenient')).status).toBe(200);
    const refused = await guarded.ask('lenient', headers(['user-agent', 'evil']));
    expect(refused.json()).toMatchObject({ detail: 'go away' });
  });

  it('an expression that would take V8 years takes no time', async () => {
    const response = await guarded.ask('bomb', headers(['user-agent', 'a'.repeat(5000)]));

    expect(response.status).toBe(200);
  });
});
