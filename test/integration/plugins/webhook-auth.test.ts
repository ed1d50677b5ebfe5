/** webhook-auth through the built artefact, with what providers publish, and signatures made here for each of them. */
import { createHmac } from 'node:crypto';
import type { ClientRequest } from '../../support/client.ts';
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';

type Headers = readonly (readonly [name: string, value: string])[];

const centurySeconds = 3_153_600_000;
const now = () => Math.floor(Date.now() / 1000);
const hmac = (secret: string | Buffer, text: string | Buffer, algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(text);

let rig: GuardedRoutes;

beforeAll(async () => {
  const published = (preset: string, secret: string, tolerance?: number) => ({
    'webhook-auth': { preset, secrets: [secret], ...(tolerance ? { tolerance } : {}) },
  });
  const own = (signed: string) => ({
    'webhook-auth': { header: 'x-sig', timestamp_header: 'x-ts', signed, secrets: ['own'] },
  });
  rig = await startGuardedRoutes({
    routes: {
      'docs-github': published('github', "It's a Secret to Everybody"),
      'docs-slack': published('slack', '8f742231b10e8888abcd99yyyzzz85a5', centurySeconds),
      'docs-svix': published('svix', 'whsec_plJ3nmyCDGBKInavdOK15jsl', centurySeconds),
      'docs-standard': published(
        'standard-webhooks',
        'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        centurySeconds,
      ),
      github: { 'webhook-auth': { preset: 'github', secrets: ['old', '$secret://ssm/new'] } },
      stripe: { 'webhook-auth': { preset: 'stripe', secrets: ['whsec_old', 'whsec_new'] } },
      shop: {
        'webhook-auth': {
          header: 'X-Shopify-Hmac-SHA256',
          encoding: 'base64',
          secrets: ['shop'],
        },
      },
      generic: {
        'webhook-auth': {
          header: 'x-signature',
          algorithm: 'sha512',
          prefix: 'sig:',
          signed: '{method} https://{host}{target} {header:X-Delivery} {timestamp}.{body}',
          timestamp_header: 'x-timestamp',
          secrets: ['generic'],
        },
      },
      id: own('{header:x-id}.{timestamp}.{body}'),
      lines: own('{method}\n{target}\n{header:x-id}\n{timestamp}\n{body}'),
      last: own('{target}{header:x-id}{body}{timestamp}'),
    },
    secrets: { new: 'new' },
  });
});

afterAll(() => rig.close());

const post = (id: string, body: string | Buffer, headers: Headers): ClientRequest => ({
  method: 'POST',
  target: `/${id}`,
  headers,
  body,
});
const statusOf = async (request: ClientRequest) => (await rig.ask(request)).status;

const slackBody =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';

it.each<[string, ClientRequest]>([
  [
    'GitHub (validating webhook deliveries)',
    post('docs-github', 'Hello, World!', [
      [
        'X-Hub-Signature-256',
        'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      ],
    ]),
  ],
  [
    'Slack (verifying requests)',
    post('docs-slack', slackBody, [
      ['X-Slack-Request-Timestamp', '1531420618'],
      ['X-Slack-Signature', 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'],
    ]),
  ],
  [
    'Svix (verifying payloads by hand)',
    post('docs-svix', '{"event_type":"ping","data":{"success":true}}', [
      ['svix-id', 'msg_loFOjxBNrRLzqYUf'],
      ['svix-timestamp', '1731705121'],
      ['svix-signature', 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0='],
    ]),
  ],
  [
    'the libraries of Standard Webhooks',
    post('docs-standard', '{"test": 2432232314}', [
      ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
      ['webhook-timestamp', '1614265330'],
      ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
    ]),
  ],
])('takes what %s publishes, and no other body', async (_, request) => {
  const answer = await rig.ask(request);

  expect([answer.status, answer.arrived?.body]).toEqual([200, request.body]);
  expect(await statusOf({ ...request, body: `${request.body}\n` })).toBe(401);
});

describe('a scheme of its own', () => {
  it('is base64 of the body, as Shopify has it', async () => {
    const signature = hmac('shop', 'x').digest('base64');

    expect(await statusOf(post('shop', 'x', [['x-shopify-hmac-sha256', signature]]))).toBe(200);
    const hex = hmac('shop', 'x').digest('hex');
    expect(await statusOf(post('shop', 'x', [['x-shopify-hmac-sha256', hex]]))).toBe(401);
  });

  it('may sign method, host, target and headers as they were sent, with a time', async () => {
    const t = now();
    const target = '/generic/%7Ea//b?x=1+2&y=%2b';
    const host = new URL(rig.artefact.url).host;
    const text = `POST https://${host}${target} 7 ${t}.x`;
    const request = {
      method: 'POST',
      target,
      body: 'x',
      headers: [
        ['x-signature', `sig:${hmac('generic', text, 'sha512').digest('hex')}`],
        ['x-timestamp', `${t}`],
        ['x-delivery', '7'],
      ] as Headers,
    };

    expect(await statusOf(request)).toBe(200);
    expect(await statusOf({ ...request, target: target.replace('+', '%20') })).toBe(401);
    expect(await statusOf({ ...request, method: 'PUT' })).toBe(401);
    expect(await statusOf({ ...request, headers: request.headers.slice(0, 2) })).toBe(401);
  });
});

it('gives the reason, and neither secret nor signature', async () => {
  const t = now() - 900;
  const old = [
    ['stripe-signature', `t=${t},v1=${hmac('whsec_new', `${t}.x`).digest('hex')}`],
  ] as const;
  const details = await Promise.all(
    [
      post('stripe', 'x', []),
      post('stripe', 'x', old),
      post('github', 'x', [['x-hub-signature-256', 'sha256=00']]),
    ].map(async (request) => (await rig.ask(request)).detail),
  );
  const { header } = await rig.ask(post('stripe', 'x', []));

  expect(details).toEqual([
    'Missing webhook signature in request',
    'Webhook timestamp outside the tolerance',
    'Invalid webhook signature in request',
  ]);
  expect(header('www-authenticate')).toBe('Webhook-Signature');
  await rig.artefact.logged({ error: 'UNAUTHENTICATED', route: 'stripe' });
  expect(rig.artefact.text()).not.toMatch(/whsec_|sha256=/);
});

describe('a signed value in front of the time', () => {
  const deliver = (
    route: string,
    { id, time, body, text }: Record<'id' | 'body' | 'text', string> & { time: number },
  ) =>
    statusOf(
      post(route, body, [
        ['x-sig', hmac('own', text).digest('hex')],
        ['x-id', id],
        ['x-ts', String(time)],
      ]),
    );

  it('cannot take in the old time of a signed text, to leave the place to a new one', async () => {
    const [old, time] = [now() - 3600, now()];
    const text = `delivery.${old}.${time}.{}`;

    expect(await deliver('id', { id: 'delivery', time: old, body: `${time}.{}`, text })).toBe(401);
    expect(await deliver('id', { id: `delivery.${old}`, time, body: '{}', text })).toBe(401);
    expect(
      await deliver('id', { id: 'delivery', time, body: '{}', text: `delivery.${time}.{}` }),
    ).toBe(200);
  });

  it('is free where a line ends it, and where the time comes last', async () => {
    const time = now();
    const id = 'a.b:c d';

    expect(
      await deliver('lines', {
        id,
        time,
        body: 'a\nb',
        text: `POST\n/lines\n${id}\n${time}\na\nb`,
      }),
    ).toBe(200);
    expect(await deliver('last', { id, time, body: '{}', text: `/last${id}{}${time}` })).toBe(200);
  });
});
