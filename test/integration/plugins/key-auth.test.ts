/** key-auth through the built artefact, by the cases of Apache APISIX's page and tests of the plugin. */
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';

type Headers = readonly (readonly [name: string, value: string])[];

let rig: GuardedRoutes;

beforeAll(async () => {
  rig = await startGuardedRoutes({
    routes: {
      plain: { 'key-auth': {} },
      hidden: { 'key-auth': { hide_credentials: true, realm: 'orders' } },
      named: { 'key-auth': { header: 'Authorization', query: 'auth', hide_credentials: true } },
      lenient: { 'key-auth': { anonymous_consumer: 'guest', hide_credentials: true } },
      nobody: { 'key-auth': { anonymous_consumer: 'no-such-consumer' } },
      both: { 'key-auth': {}, 'basic-auth': {} },
      open: {},
    },
    consumers: {
      ann: { 'key-auth': { key: 'auth-one' } },
      odd: { 'key-auth': { key: 'a b+c/d=é&%' } },
      proto: { 'key-auth': { key: '__proto__' } },
      tagged: { labels: { custom_id: 'id-7' }, plugins: { 'key-auth': { key: 'auth-two' } } },
      both: {
        'key-auth': { key: 'key-of-both' },
        'basic-auth': { username: 'both', password: 'both' },
      },
      guest: { plugins: {} },
    },
  });
});

afterAll(() => rig.close());

it.each<[string, string, Headers, string]>([
  ['a header', '/plain', [['apikey', 'auth-one']], 'ann'],
  ['a header in another case', '/plain', [['ApiKey', 'auth-one']], 'ann'],
  ['a parameter', '/plain?apikey=auth-one', [], 'ann'],
  ['an encoded parameter', '/plain?api%6bey=auth%2Done', [], 'ann'],
  ['odd characters, encoded', `/plain?apikey=${encodeURIComponent('a b+c/d=é&%')}`, [], 'odd'],
  ['a parameter whose blank is a plus', '/plain?apikey=a+b%2Bc/d=%C3%A9%26%25', [], 'odd'],
  ['the header, whatever the parameter is', '/plain?apikey=x', [['apikey', 'auth-one']], 'ann'],
  ['the names that the route gives them', '/named', [['authorization', 'auth-one']], 'ann'],
  ['the parameter that the route names', '/named?auth=auth-one', [], 'ann'],
  ['a key that is an inherited name', '/plain', [['apikey', '__proto__']], 'proto'],
])('lets in %s', async (_, target, headers, username) => {
  const answer = await rig.ask(target, headers);

  expect([answer.status, answer.arrived?.headers['x-consumer-username']]).toEqual([200, username]);
});

const missing = 'Missing API key in request';
const wrong = 'Invalid API key in request';

it.each<[string, string, Headers, string]>([
  ['nothing', '/plain', [], missing],
  ['a wrong key', '/plain', [['apikey', 'auth-on']], wrong],
  ['a key in another case', '/plain', [['apikey', 'AUTH-ONE']], wrong],
  ['an empty key', '/plain', [['apikey', '']], wrong],
  ['an empty parameter', '/plain?apikey=', [], wrong],
  ['a parameter without a value', '/plain?apikey', [], wrong],
  ['two parameters', '/plain?apikey=auth-one&apikey=auth-one', [], wrong],
  ['two parameters in two spellings', '/plain?apikey=auth-one&api%6bey=auth-one', [], wrong],
  [
    'two headers',
    '/plain',
    [
      ['apikey', 'auth-one'],
      ['apikey', 'auth-one'],
    ],
    wrong,
  ],
  ['a wrong header beside the right parameter', '/plain?apikey=auth-one', [['apikey', 'x']], wrong],
  ['a header with an underscore', '/plain', [['api_key', 'auth-one']], missing],
  ['a parameter in another case', '/plain?APIKEY=auth-one', [], missing],
  ['a parameter with brackets', '/plain?apikey[]=auth-one', [], missing],
  ['the scheme of another plugin', '/named', [['authorization', 'Bearer auth-one']], wrong],
  ['the name of a consumer', '/plain', [['apikey', 'ann']], wrong],
  ['an inherited name', '/plain', [['apikey', 'constructor']], wrong],
  ['a long key', '/plain', [['apikey', 'x'.repeat(100_000)]], wrong],
  ['an anonymous consumer that there is not', '/nobody', [], missing],
])('refuses %s', async (_, target, headers, detail) => {
  const answer = await rig.ask(target, headers);

  expect([answer.status, answer.detail]).toEqual([401, detail]);
  expect(answer.header('www-authenticate')).toBe('apikey realm="key"');
  expect(answer.arrived).toBeUndefined();
});

it('passes the key on, or hides it in header and query and leaves the rest as it travels', async () => {
  const shown = await rig.ask('/plain/x?apikey=auth-one&b=%20');
  const hidden = await rig.ask('/hidden/x?a=1&apikey=auth-one&b=%20&apikey2=', [
    ['apikey', 'auth-one'],
  ]);
  const named = await rig.ask('/named', [['authorization', 'auth-one']]);

  expect(shown.arrived?.target).toBe('/x?apikey=auth-one&b=%20');
  expect(hidden.arrived?.target).toBe('/x?a=1&b=%20&apikey2=');
  expect(JSON.stringify(hidden.arrived)).not.toContain('auth-one');
  expect(JSON.stringify(named.arrived)).not.toContain('auth-one');
});

it('treats a client without a key as the anonymous consumer, and refuses a wrong key', async () => {
  const nothing = await rig.ask('/lenient');
  const right = await rig.ask('/lenient', [['apikey', 'auth-one']]);

  expect(nothing.arrived?.headers['x-consumer-username']).toBe('guest');
  expect(right.arrived?.headers['x-consumer-username']).toBe('ann');
  expect((await rig.ask('/lenient', [['apikey', 'x']])).status).toBe(401);
  const realm = (await rig.ask('/hidden')).header('www-authenticate');
  expect(realm).toBe('apikey realm="orders"');
});

it("only the proxy sets the consumer's headers, for every spelling that a client sends", async () => {
  const spoof = [
    ['X-Consumer-Username', 'root'],
    ['X-CONSUMER-USERNAME', 'root'],
    ['X_Consumer_Username', 'root'],
    ['X-Consumer_Username', 'root'],
    ['X-Consumer-Custom-Id', 'root'],
    ['X_Consumer-Custom_Id', 'root'],
    ['X-Consumer-Groups', 'root'],
    ['X-Credential-Identifier', 'root'],
    ['X_Credential_Identifier', 'root'],
    ['Connection', 'x-consumer-username, x-consumer-custom-id'],
  ] as const;
  const [ann, tagged, open] = await Promise.all([
    rig.ask('/plain', [['apikey', 'auth-one'], ...spoof]),
    rig.ask('/plain', [['apikey', 'auth-two'], ...spoof]),
    rig.ask('/open', spoof),
  ]);

  expect(ann.arrived?.headers).toMatchObject({ 'x-consumer-username': 'ann' });
  expect(tagged.arrived?.headers).toMatchObject({
    'x-consumer-username': 'tagged',
    'x-consumer-custom-id': 'id-7',
  });
  for (const { arrived } of [ann, tagged, open]) {
    expect(JSON.stringify(arrived)).not.toContain('root');
  }
});

it('two plugins on one route both have to let a client in', async () => {
  const basic = ['authorization', `Basic ${Buffer.from('both:both').toString('base64')}`] as const;
  const statuses = [];
  for (const headers of [[], [basic], [['apikey', 'key-of-both'] as const]]) {
    statuses.push((await rig.ask('/both', headers)).status);
  }

  expect(statuses).toEqual([401, 401, 401]);
  const answer = await rig.ask('/both', [basic, ['apikey', 'key-of-both']]);
  expect(answer.arrived?.headers['x-consumer-username']).toBe('both');
});
