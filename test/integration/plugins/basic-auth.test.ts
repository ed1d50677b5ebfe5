/** basic-auth through the built artefact: RFC 7617, and what Apache APISIX's page of the plugin shows. */
import {
  type Answer,
  type GuardedRoutes,
  startGuardedRoutes,
} from '../../support/guarded-routes.ts';

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const basic = (text: string | Buffer): [string, string][] => [
  ['Authorization', `Basic ${base64(text)}`],
];

let rig: GuardedRoutes;

beforeAll(async () => {
  rig = await startGuardedRoutes({
    routes: {
      plain: { 'basic-auth': {} },
      hidden: { 'basic-auth': { hide_credentials: true, realm: 'the back room' } },
      lenient: { 'basic-auth': { anonymous_consumer: 'guest', hide_credentials: true } },
      nobody: { 'basic-auth': { anonymous_consumer: 'no-such-consumer' } },
    },
    consumers: {
      ann: { 'basic-auth': { username: 'ann', password: '$secret://ssm/ann' } },
      bob: { 'basic-auth': { username: 'Bob', password: 'a:b::c' } },
      zoe: { 'basic-auth': { username: 'Zoë', password: 'pässwörd €' } },
      proto: { 'basic-auth': { username: '__proto__', password: 'constructor' } },
      guest: { plugins: {} },
      dan: {
        labels: { custom_id: '495aec6a' },
        plugins: { 'basic-auth': { username: 'dan', password: 'dan' } },
      },
    },
    secrets: { ann: 'wEGmUmBFBaUHsN3S' },
  });
});

afterAll(() => rig.close());

const consumerOf = ({ arrived }: Answer) => arrived?.headers['x-consumer-username'];

it.each([
  ['a password from a secret', 'ann:wEGmUmBFBaUHsN3S', 'ann'],
  ['colons in the password', 'Bob:a:b::c', 'bob'],
  ['UTF-8', 'Zoë:pässwörd €', 'zoe'],
  ['UTF-8 that a Mac has decomposed', 'Zoë:pässwörd €'.normalize('NFD'), 'zoe'],
  ['the name of a property that objects inherit', '__proto__:constructor', 'proto'],
])('lets in %s', async (_, pair, username) => {
  const answer = await rig.ask('/plain', basic(pair));

  expect([answer.status, consumerOf(answer)]).toEqual([200, username]);
});

it.each([
  ['another case of the scheme', `bAsIc ${base64('Bob:a:b::c')}`],
  ['several spaces', `Basic   ${base64('Bob:a:b::c')}`],
])('reads %s', async (_, authorization) => {
  expect((await rig.ask('/plain', [['Authorization', authorization]])).status).toBe(200);
});

const malformed = 'Invalid authorization in request';
const wrong = 'Invalid user authorization';

it.each([
  ['a wrong password', `Basic ${base64('Bob:a:b::d')}`, wrong],
  ['a password that only begins right', `Basic ${base64('Bob:a:b::')}`, wrong],
  ['an unknown user', `Basic ${base64('eve:a:b::c')}`, wrong],
  ['a user without password', `Basic ${base64('Bob:')}`, wrong],
  ['an empty user', `Basic ${base64(':a:b::c')}`, wrong],
  ['another case of the user name', `Basic ${base64('bob:a:b::c')}`, wrong],
  ['the consumer name in place of the user name', `Basic ${base64('zoe:pässwörd €')}`, wrong],
  ['an inherited property as user', `Basic ${base64('constructor:')}`, wrong],
  ['a letter that only looks the same', `Basic ${base64('Воb:a:b::c')}`, wrong],
  ['a compatibility form of a letter', `Basic ${base64('Ｂob:a:b::c')}`, wrong],
  ['no colon', `Basic ${base64('Bob')}`, malformed],
  ['a line feed behind', `Basic ${base64('Bob:a:b::c\n')}`, malformed],
  ['a NUL', `Basic ${base64('Bob\0:a:b::c')}`, malformed],
  ['Latin-1', `Basic ${base64(Buffer.from('Zoë:pässwörd', 'latin1'))}`, malformed],
  ['an overlong UTF-8 colon', `Basic ${base64(Buffer.from('Bob\xc0\xba', 'latin1'))}`, malformed],
  ['no base64', 'Basic aca_a', malformed],
  ['base64 without its padding', `Basic ${base64('Bob:a:b::c').replace(/=+$/, '')}`, malformed],
  ['base64 with a blank inside', `Basic Qm9i OmE6Yjo6Yw==`, malformed],
  ['nothing behind the scheme', 'Basic ', malformed],
  ['an empty header', '', malformed],
  ['another scheme', 'Bearer Qm9iOmE6Yjo6Yw==', malformed],
  ['more than 8192 characters', `Basic ${base64(`Bob:${'x'.repeat(7000)}`)}`, malformed],
])('refuses %s', async (_, authorization, detail) => {
  const answer = await rig.ask('/plain', [['Authorization', authorization]]);

  expect([answer.status, answer.detail]).toEqual([401, detail]);
  expect(answer.header('www-authenticate')).toBe('Basic realm="basic"');
});

it('refuses two headers, also when either would do', async () => {
  const twice = await rig.ask('/plain', [...basic('Bob:a:b::c'), ...basic('Bob:a:b::c')]);

  expect([twice.status, twice.detail]).toEqual([401, malformed]);
});

it('challenges a client without credentials', async () => {
  const answer = await rig.ask('/hidden');

  expect([answer.status, answer.detail]).toEqual([401, 'Missing authorization in request']);
  expect(answer.header('www-authenticate')).toBe('Basic realm="the back room"');
});

it('carries the header on under its other name, or hides it under every name', async () => {
  const shown = (await rig.ask('/plain', basic('Bob:a:b::c'))).arrived?.headers ?? {};
  const hidden = await rig.ask('/hidden', [
    ...basic('Bob:a:b::c'),
    ['X-Original-Authorization', 'spoofed'],
    ['x_original_authorization', 'spoofed'],
  ]);

  expect(shown['x-original-authorization']).toBe(`Basic ${base64('Bob:a:b::c')}`);
  const headers = hidden.arrived?.headers ?? {};
  expect(headers['x-consumer-username']).toBe('bob');
  expect(Object.keys(headers).filter((name) => /original.authorization/.test(name))).toEqual([]);
  expect(JSON.stringify(headers)).not.toContain(base64('Bob:a:b::c'));
});

it('treats a client without credentials as the anonymous consumer, and refuses wrong credentials', async () => {
  const nothing = await rig.ask('/lenient');
  const right = await rig.ask('/lenient', basic('Bob:a:b::c'));
  const wrongOne = await rig.ask('/lenient', basic('Bob:x'));

  expect([consumerOf(nothing), consumerOf(right)]).toEqual(['guest', 'bob']);
  expect(wrongOne.status).toBe(401);
  expect((await rig.ask('/nobody')).status).toBe(401);
});

it('tells the upstream the custom_id of the consumer, and no one else does', async () => {
  const spoof: [string, string][] = [
    ['X-Consumer-Custom-Id', 'spoofed'],
    ['X_Consumer_Custom_Id', 'spoofed'],
    ['X-Credential-Identifier', 'spoofed'],
  ];
  const dan = await rig.ask('/plain', [...basic('dan:dan'), ...spoof]);
  const bob = await rig.ask('/plain', [...basic('Bob:a:b::c'), ...spoof]);

  expect(dan.arrived?.headers['x-consumer-custom-id']).toBe('495aec6a');
  expect(JSON.stringify(bob.arrived?.headers)).not.toContain('spoofed');
});

it('writes neither passwords nor headers to the log', async () => {
  await rig.ask('/plain', basic('Bob:a:b::c'));
  await rig.ask('/plain', basic('Bob:wrong-password'));
  await rig.artefact.logged({ consumer: 'bob' });

  for (const secret of ['a:b::c', 'wrong-password', base64('Bob:a:b::c'), 'wEGmUmBFBaUHsN3S']) {
    expect(rig.artefact.text()).not.toContain(secret);
  }
});
