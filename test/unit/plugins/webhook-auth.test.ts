import { createHmac } from 'node:crypto';
import { webhookAuth } from '../../../functions/proxy/plugins/authentication/webhook-auth/webhook-auth.ts';
import { toRequest } from '../../support/builders.ts';
import { runPlugin } from '../../support/plugin-rig.ts';

const nowSeconds = 1_767_323_045;
const body = Buffer.from([0, 0xff, 0x0d, 0x0a, 0x22]);
const secretBytes = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
const whsec = secretBytes.toString('base64');

interface Signing {
  readonly secret?: string | Buffer;
  readonly algorithm?: string;
  readonly encoding?: 'hex' | 'base64';
}

function sign(
  text: string,
  { secret = 's', algorithm = 'sha256', encoding = 'hex' }: Signing = {},
) {
  const [before = '', after = ''] = text.split('{body}');
  return createHmac(algorithm, secret).update(before).update(body).update(after).digest(encoding);
}

type Headers = Record<string, string>;

async function ask(config: object, headers: Headers, request: object = {}): Promise<string> {
  const { passed, error } = await runPlugin(webhookAuth, config, {
    request: toRequest({ body, ...request, headers }),
    nowMs: nowSeconds * 1000,
  });
  return passed ? 'passes' : (error?.detail ?? '');
}

const missing = 'Missing webhook signature in request';
const late = 'Webhook timestamp outside the tolerance';
const invalid = 'Invalid webhook signature in request';

const github = { preset: 'github', secrets: ['s'] };
const githubHeader = (signature: string) => ({ 'x-hub-signature-256': signature });
const right = `sha256=${sign('{body}')}`;

test.each<[string, Headers, string]>([
  ['the signature', githubHeader(right), 'passes'],
  ['upper case', githubHeader(right.replace(/[^=]*$/, (hex) => hex.toUpperCase())), 'passes'],
  ['another secret', githubHeader(`sha256=${sign('{body}', { secret: 'x' })}`), invalid],
  ['one character less', githubHeader(right.slice(0, -1)), invalid],
  ['a sign that is no digit', githubHeader(`${right.slice(0, -1)}g`), invalid],
  ['no prefix', githubHeader(sign('{body}')), missing],
  ['a list', githubHeader(`${right},${right}`), invalid],
  ['a blank before it', githubHeader(` ${right}`), missing],
  ['8193 characters', githubHeader(`sha256=${'0'.repeat(8193 - 7)}`), missing],
  ['8192 characters', githubHeader(`sha256=${'0'.repeat(8192 - 7)}`), invalid],
  ['nothing', {}, missing],
])('GitHub: a webhook with %s: %#', async (_, headers, expected) => {
  expect(await ask(github, headers)).toBe(expected);
});

test('either of two secrets may have signed, and no third one', async () => {
  const config = { preset: 'github', secrets: ['s', 'new'] };
  const askWith = (secret: string) =>
    ask(config, githubHeader(`sha256=${sign('{body}', { secret })}`));

  expect([await askWith('s'), await askWith('new'), await askWith('x')]).toEqual([
    'passes',
    'passes',
    invalid,
  ]);
});

const stripe = { preset: 'stripe', secrets: ['s'] };
const stripeOf = (time: number | string, mark = 'v1') => `${mark}=${sign(`${time}.{body}`)}`;

test.each<[string, string, string]>([
  ['time and signature', `t=${nowSeconds},${stripeOf(nowSeconds)}`, 'passes'],
  ['blanks', `t=${nowSeconds} , ${stripeOf(nowSeconds)}`, 'passes'],
  ['a wrong one before', `t=${nowSeconds},v1=00,${stripeOf(nowSeconds)}`, 'passes'],
  ['another version', `t=${nowSeconds},${stripeOf(nowSeconds, 'v0')}`, missing],
  ['the signature of another time', `t=${nowSeconds},${stripeOf(nowSeconds - 1)}`, invalid],
  ['no time', stripeOf(nowSeconds), missing],
  ['two times', `t=${nowSeconds},t=${nowSeconds},${stripeOf(nowSeconds)}`, missing],
  ['a time with a sign', `t=+${nowSeconds},${stripeOf(`+${nowSeconds}`)}`, missing],
  ['a time of 13 digits', `t=0000${nowSeconds - 1e9},${stripeOf('x')}`, missing],
  ['a time five minutes ago', `t=${nowSeconds - 300},${stripeOf(nowSeconds - 300)}`, 'passes'],
  ['a time before that', `t=${nowSeconds - 301},${stripeOf(nowSeconds - 301)}`, late],
  ['a time in five minutes', `t=${nowSeconds + 300},${stripeOf(nowSeconds + 300)}`, 'passes'],
  ['a time after that', `t=${nowSeconds + 301},${stripeOf(nowSeconds + 301)}`, late],
])('Stripe: a webhook with %s: %#', async (_, header, expected) => {
  expect(await ask(stripe, { 'stripe-signature': header })).toBe(expected);
});

test('the tolerance is the one of the route', async () => {
  const header = { 'stripe-signature': `t=${nowSeconds - 11},${stripeOf(nowSeconds - 11)}` };

  expect(await ask({ ...stripe, tolerance: 11 }, header)).toBe('passes');
  expect(await ask({ ...stripe, tolerance: 10 }, header)).toBe(late);
});

test('Slack: version, time and body are signed, and the time is a header', async () => {
  const slack = { preset: 'slack', secrets: ['s'] };
  const headers = {
    'x-slack-signature': `v0=${sign(`v0:${nowSeconds}:{body}`)}`,
    'x-slack-request-timestamp': String(nowSeconds),
  };

  expect(await ask(slack, headers)).toBe('passes');
  expect(await ask(slack, { ...headers, 'x-slack-request-timestamp': '' })).toBe(missing);
  expect(await ask(slack, { 'x-slack-signature': headers['x-slack-signature'] })).toBe(missing);
});

describe.each([
  ['svix', 'svix'],
  ['standard-webhooks', 'webhook'],
])('%s', (preset, prefix) => {
  const secrets = [`whsec_${whsec}`];
  const signed = (id: string) =>
    `v1,${sign(`${id}.${nowSeconds}.{body}`, { secret: secretBytes, encoding: 'base64' })}`;
  const headersOf = (id: string, signature = signed(id)) => ({
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(nowSeconds),
    [`${prefix}-signature`]: signature,
  });

  test('signs id, time and body with the bytes of its secret', async () => {
    const config = { preset, secrets };
    expect(await ask(config, headersOf('msg_1'))).toBe('passes');
    expect(await ask(config, headersOf('msg_1', `v1,x v1a,x ${signed('msg_1')}`))).toBe('passes');
    expect(await ask(config, headersOf('msg_1', signed('msg_2')))).toBe(invalid);
    expect(await ask({ preset, secrets: [whsec] }, headersOf('msg_1'))).toBe('passes');
  });

  test('an id with a dot could move its end into the time, and is none', async () => {
    expect(await ask({ preset, secrets }, headersOf('msg.1'))).toBe(missing);
  });

  test('a webhook without id is refused', async () => {
    const { [`${prefix}-id`]: _, ...headers } = headersOf('undefined');
    expect(await ask({ preset, secrets }, headers)).toBe(missing);
  });
});

const own = { header: 'X-Sign', secrets: ['s'] };
const parts = { method: 'PUT', host: 'h.example', target: '/a%20b?c' };

test.each<[string, object, Headers, string]>([
  ['the body alone', {}, { 'x-sign': sign('{body}') }, 'passes'],
  ['a prefix', { prefix: 'p=' }, { 'x-sign': `p=${sign('{body}')}` }, 'passes'],
  ['no prefix, though there is one', { prefix: 'p=' }, { 'x-sign': sign('{body}') }, missing],
  [
    'SHA-512 as base64',
    { algorithm: 'sha512', encoding: 'base64' },
    { 'x-sign': sign('{body}', { algorithm: 'sha512', encoding: 'base64' }) },
    'passes',
  ],
  [
    'method, host, target and a header as they came',
    { signed: '{method} {host}{target} {header:X-Id}: {body}!' },
    { 'x-sign': sign('PUT h.example/a%20b?c 7: {body}!'), 'x-id': '7' },
    'passes',
  ],
  [
    'words that are parts elsewhere',
    { signed: '.body.{body}' },
    { 'x-sign': sign('.body.{body}') },
    'passes',
  ],
  [
    'a header that did not come',
    { signed: '{header:x-id}{body}' },
    { 'x-sign': sign('undefined{body}') },
    missing,
  ],
  [
    'a time',
    { signed: '{timestamp}{body}', timestamp_header: 'X-Time' },
    { 'x-sign': sign(`${nowSeconds}{body}`), 'x-time': String(nowSeconds) },
    'passes',
  ],
])('a scheme of the document with %s', async (_, config, headers, expected) => {
  expect(await ask({ ...own, ...config }, headers, parts)).toBe(expected);
});

test.each(['sha1', 'sha256', 'sha384', 'sha512'])(
  'a scheme of the document may name %s and hex',
  async (algorithm) => {
    const config = { ...own, algorithm, encoding: 'hex' };
    expect(await ask(config, { 'x-sign': sign('{body}', { algorithm }) })).toBe('passes');
  },
);

test('the challenge of a refusal names the scheme', async () => {
  const { error } = await runPlugin(webhookAuth, github, {});

  expect(error?.code).toBe('UNAUTHENTICATED');
  expect(error?.headers).toEqual({ 'www-authenticate': 'Webhook-Signature' });
});

test.each([
  ['{header:x-id}.{timestamp}.{body}', 'a.b', missing],
  ['{header:x-id}.{timestamp}.{body}', 'a-b', 'passes'],
  ['v0:{header:x-id}.{timestamp}.{body}', 'a.b', missing],
  ['{timestamp}.{header:x-id}.{body}', 'a.b', 'passes'],
  ['{header:x-id}{body}.{timestamp}', 'a.b', 'passes'],
])('a value in front of the time must not hold the text that ends it: %s of %s', async (...row) => {
  const [signed, id, expected] = row;
  const text = signed.replace('{header:x-id}', id).replace('{timestamp}', String(nowSeconds));
  const headers = { 'x-sign': sign(text), 'x-id': id, 'x-time': String(nowSeconds) };
  const timed = { ...own, signed, timestamp_header: 'x-time' };

  expect(await ask(timed, headers)).toBe(expected);
});
