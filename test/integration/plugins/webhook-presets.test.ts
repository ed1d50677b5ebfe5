/** webhook-auth against each provider's signatures, right ones and wrong ones. */
import { createHmac } from 'node:crypto';
import type { ClientRequest } from '../../support/client.ts';
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';

type Headers = readonly (readonly [name: string, value: string])[];

const now = () => Math.floor(Date.now() / 1000);
const hmac = (secret: string | Buffer, text: string | Buffer, algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(text);
const whsec = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');

let rig: GuardedRoutes;

beforeAll(async () => {
  rig = await startGuardedRoutes({
    routes: {
      github: { 'webhook-auth': { preset: 'github', secrets: ['old', '$secret://ssm/new'] } },
      stripe: { 'webhook-auth': { preset: 'stripe', secrets: ['whsec_old', 'whsec_new'] } },
      slack: { 'webhook-auth': { preset: 'slack', secrets: ['old', 'new'], tolerance: 60 } },
      svix: { 'webhook-auth': { preset: 'svix', secrets: [`whsec_${whsec.toString('base64')}`] } },
    },
    secrets: { new: 'new' },
  });
});

afterAll(() => rig.close());

const statusOf = async (id: string, body: string | Buffer, headers: Headers) => {
  const request: ClientRequest = { method: 'POST', target: `/${id}`, headers, body };
  return (await rig.ask(request)).status;
};

const github = (secret: string, body: string | Buffer) =>
  `sha256=${hmac(secret, body).digest('hex')}`;
const stripe = (time: number, secret: string, body: string) =>
  hmac(secret, `${time}.${body}`).digest('hex');
const slack = (time: number, secret: string, body: string) =>
  `v0=${hmac(secret, `v0:${time}:${body}`).digest('hex')}`;
const svix = (time: number, secret: Buffer, body: string) =>
  `v1,${hmac(secret, `msg_1.${time}.${body}`).digest('base64')}`;

/** The signature of a message with this id, time and body. */
const svixOf = (id: string, time: number, body: string) =>
  `v1,${hmac(whsec, `${id}.${time}.${body}`).digest('base64')}`;

const oddBytes = Buffer.from([0, 0xff, 0xfe, 0x0d, 0x0a, 0x80, 0x22]);

describe('GitHub', () => {
  it.each<[string, number, string | Buffer, Headers]>([
    ['the old secret', 200, 'x', [['x-hub-signature-256', github('old', 'x')]]],
    ['the new secret', 200, 'x', [['x-hub-signature-256', github('new', 'x')]]],
    ['an empty body', 200, '', [['x-hub-signature-256', github('new', '')]]],
    ['any bytes', 200, oddBytes, [['x-hub-signature-256', github('new', oddBytes)]]],
    [
      'upper case',
      200,
      'x',
      [['x-hub-signature-256', `sha256=${github('new', 'x').slice(7).toUpperCase()}`]],
    ],
    ['a secret of before', 401, 'x', [['x-hub-signature-256', github('older', 'x')]]],
    ['no signature', 401, 'x', []],
    ['an empty signature', 401, 'x', [['x-hub-signature-256', 'sha256=']]],
    ['no prefix', 401, 'x', [['x-hub-signature-256', github('new', 'x').slice(7)]]],
    ['half a signature', 401, 'x', [['x-hub-signature-256', github('new', 'x').slice(0, 39)]]],
    ['hexadecimal and more', 401, 'x', [['x-hub-signature-256', `${github('new', 'x')}zz`]]],
    [
      'the same header twice',
      401,
      'x',
      [
        ['x-hub-signature-256', github('new', 'x')],
        ['x-hub-signature-256', github('new', 'x')],
      ],
    ],
    [
      'a right one behind a wrong one',
      401,
      'x',
      [
        ['x-hub-signature-256', github('x', 'x')],
        ['x-hub-signature-256', github('new', 'x')],
      ],
    ],
    [
      'only the SHA-1',
      401,
      'x',
      [['x-hub-signature', `sha1=${hmac('new', 'x', 'sha1').digest('hex')}`]],
    ],
    ['the name with underscores', 401, 'x', [['x_hub_signature_256', github('new', 'x')]]],
  ])('%s: %i', async (_, status, body, headers) => {
    expect(await statusOf('github', body, headers)).toBe(status);
  });
});

describe('Stripe', () => {
  const t = now();
  const right = stripe(t, 'whsec_new', 'x');

  it.each<[string, number, string]>([
    ['a signature', 200, `t=${t},v1=${right}`],
    ['the other secret', 200, `t=${t},v1=${stripe(t, 'whsec_old', 'x')}`],
    ['several, of which one is right', 200, `t=${t},v1=${'0'.repeat(64)},v1=${right},v0=1`],
    ['elements in another order', 200, `v1=${right}, t=${t}`],
    ['another time', 401, `t=${t + 1},v1=${right}`],
    ['two times', 401, `t=${t},t=${t},v1=${right}`],
    ['no time', 401, `v1=${right}`],
    ['a time that is no number', 401, `t=1e9,v1=${right}`],
    ['only the scheme of tests', 401, `t=${t},v0=${right}`],
    ['no signature', 401, `t=${t}`],
    ['a time of six minutes ago', 401, `t=${t - 360},v1=${stripe(t - 360, 'whsec_new', 'x')}`],
    ['a time in six minutes', 401, `t=${t + 360},v1=${stripe(t + 360, 'whsec_new', 'x')}`],
    ['a time of four minutes ago', 200, `t=${t - 240},v1=${stripe(t - 240, 'whsec_new', 'x')}`],
    ['many elements', 401, `t=${t},${'v1=00,'.repeat(2000)}`],
  ])('%s: %i', async (_, status, header) => {
    expect(await statusOf('stripe', 'x', [['Stripe-Signature', header]])).toBe(status);
  });
});

describe('Slack', () => {
  const t = now();

  it.each<[string, number, Headers]>([
    [
      'a signature',
      200,
      [
        ['x-slack-signature', slack(t, 'new', 'x')],
        ['x-slack-request-timestamp', `${t}`],
      ],
    ],
    ['no time', 401, [['x-slack-signature', slack(t, 'new', 'x')]]],
    [
      'two minutes ago, where one is allowed',
      401,
      [
        ['x-slack-signature', slack(t - 120, 'new', 'x')],
        ['x-slack-request-timestamp', `${t - 120}`],
      ],
    ],
    [
      'two times',
      401,
      [
        ['x-slack-signature', slack(t, 'new', 'x')],
        ['x-slack-request-timestamp', `${t}`],
        ['x-slack-request-timestamp', `${t}`],
      ],
    ],
    [
      'a negative time',
      401,
      [
        ['x-slack-signature', slack(-1, 'new', 'x')],
        ['x-slack-request-timestamp', '-1'],
      ],
    ],
  ])('%s: %i', async (_, status, headers) => {
    expect(await statusOf('slack', 'x', headers)).toBe(status);
  });
});

describe('Svix', () => {
  const t = now();
  const id = ['svix-id', 'msg_1'] as const;
  const time = ['svix-timestamp', `${t}`] as const;

  it.each<[string, number, Headers]>([
    ['a signature', 200, [id, time, ['svix-signature', svix(t, whsec, 'x')]]],
    [
      'several, of which one is right',
      200,
      [id, time, ['svix-signature', `v1,AAAA v1a,BBBB ${svix(t, whsec, 'x')}`]],
    ],
    ['another id', 401, [['svix-id', 'msg_2'], time, ['svix-signature', svix(t, whsec, 'x')]]],
    ['no id', 401, [time, ['svix-signature', svix(t, whsec, 'x')]]],
    [
      'the secret as text',
      401,
      [id, time, ['svix-signature', svix(t, Buffer.from(whsec.toString('base64')), 'x')]],
    ],
    [
      'the names of Standard Webhooks',
      401,
      [
        ['webhook-id', 'msg_1'],
        ['webhook-timestamp', `${t}`],
        ['webhook-signature', svix(t, whsec, 'x')],
      ],
    ],
    [
      'an asymmetric signature',
      401,
      [id, time, ['svix-signature', svix(t, whsec, 'x').replace('v1,', 'v1a,')]],
    ],
  ])('%s: %i', async (_, status, headers) => {
    expect(await statusOf('svix', 'x', headers)).toBe(status);
  });
});

it('the time of a message cannot be moved into its id, with a time from its body in place of it', async () => {
  const [signedAt, later] = [now() - 3600, now()];
  // A body that begins like a time, signed an hour ago: the same bytes are those of another id and time.
  const signature = svixOf('msg_1', signedAt, `${later}.5`);
  const replayed: Headers = [
    ['svix-id', `msg_1.${signedAt}`],
    ['svix-timestamp', String(later)],
    ['svix-signature', signature],
  ];
  const honest: Headers = [
    ['svix-id', 'msg_1'],
    ['svix-timestamp', String(later)],
    ['svix-signature', svixOf('msg_1', later, '5')],
  ];

  expect(await statusOf('svix', '5', replayed)).toBe(401);
  expect(await statusOf('svix', '5', honest)).toBe(200);
});
