/** What is the same for every access plugin: texts made to be slow to read, and credentials that say nothing. */
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';

type Headers = readonly (readonly [name: string, value: string])[];

let rig: GuardedRoutes;

beforeAll(async () => {
  const guest = { anonymous_consumer: 'guest' };
  rig = await startGuardedRoutes({
    routes: {
      basic: { 'basic-auth': guest },
      hmac: { 'hmac-auth': guest },
      jwt: { 'jwt-auth': guest },
      key: { 'key-auth': guest },
      stripe: { 'webhook-auth': { preset: 'stripe', secrets: ['s'] } },
      svix: { 'webhook-auth': { preset: 'svix', secrets: ['c2VjcmV0'] } },
      csrf: { csrf: { key: 'k' }, 'key-auth': {} },
    },
    consumers: { guest: { plugins: {} } },
  });
});

afterAll(() => rig.close());

const long = 8000;
const of = (text: string) => text.repeat(Math.floor(long / text.length));

/** A reader that tries again from each character would be at it for minutes. */
it.each<[string, string, Headers]>([
  ['basic', 'blanks', [['authorization', `Basic ${of(' ')}`]]],
  ['basic', 'padding', [['authorization', `Basic a${of('=')}b`]]],
  ['basic', 'colons', [['authorization', `Basic ${Buffer.from(of(':')).toString('base64')}`]]],
  ['hmac', 'blanks', [['authorization', `Signature ${of(' ')}`]]],
  ['hmac', 'blanks and tabs', [['authorization', `Signature a="b"${of(' \t')}`]]],
  ['hmac', 'letters', [['authorization', `Signature ${of('a')}`]]],
  ['hmac', 'open quotation marks', [['authorization', `Signature ${of('a="')}`]]],
  ['hmac', 'digits', [['authorization', `Signature created=${of('1')}x`]]],
  [
    'hmac',
    'names',
    [
      [
        'authorization',
        `Signature keyId="a",algorithm="hmac-sha1",headers="${of('a ')}",signature="AA=="`,
      ],
    ],
  ],
  ['jwt', 'blanks', [['authorization', `Bearer ${of(' ')}`]]],
  ['jwt', 'dots', [['authorization', `Bearer ${of('.')}`]]],
  [
    'jwt',
    'brackets',
    [
      [
        'authorization',
        `Bearer ${Buffer.from(of('[')).toString('base64url').slice(0, 8000)}.e30.AA`,
      ],
    ],
  ],
  ['jwt', 'cookies', [['cookie', `${of('jwt=;')}`]]],
  ['jwt', 'cookies without names', [['cookie', `jwt=a; ${of('=;')}`]]],
  ['key', 'letters', [['apikey', of('a')]]],
  ['stripe', 'commas', [['stripe-signature', of(',')]]],
  ['stripe', 'times', [['stripe-signature', of('t=1,')]]],
  [
    'svix',
    'blanks',
    [
      ['svix-signature', of(' ')],
      ['svix-timestamp', '1'],
      ['svix-id', of('a')],
    ],
  ],
  [
    'csrf',
    'numbers',
    [
      ['apisix-csrf-token', Buffer.from(`{"random":${'1'.repeat(5000)}`).toString('base64')],
      [
        'cookie',
        `apisix-csrf-token=${Buffer.from(`{"random":${'1'.repeat(5000)}`).toString('base64')}`,
      ],
    ],
  ],
])('%s: refuses %s in no time', async (id, _, headers) => {
  const answer = await rig.ask({ method: 'POST', target: `/${id}`, headers, body: '' });

  expect([answer.status, answer.arrived]).toEqual([401, undefined]);
});

it('jwt: a query of nothing but tokens is refused', async () => {
  expect((await rig.ask(`/jwt?${of('jwt=a&')}`)).status).toBe(401);
});

it.each([
  ['basic', 'authorization'],
  ['hmac', 'authorization'],
  ['jwt', 'authorization'],
  ['key', 'apikey'],
])('%s: an empty header is a wrong credential and not a missing one', async (id, name) => {
  expect((await rig.ask(`/${id}`, [[name, '']])).status).toBe(401);
  expect((await rig.ask(`/${id}`)).arrived?.headers['x-consumer-username']).toBe('guest');
});

it.each(['basic', 'hmac', 'jwt', 'key'])(
  '%s: whoever calls himself guest, in any spelling of the header, is told apart by the plugin alone',
  async (id) => {
    const answer = await rig.ask(`/${id}`, [
      ['x-consumer-username', 'ann'],
      ['x_consumer_username', 'ann'],
      ['connection', 'x-consumer-username'],
    ]);

    const named = Object.entries(answer.arrived?.headers ?? {}).filter(([name]) =>
      /^x.consumer/.test(name),
    );
    expect(named).toEqual([['x-consumer-username', 'guest']]);
  },
);
