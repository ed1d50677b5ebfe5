/** The signed time of a webhook is written in one way, so that no digit of a value can become one of the time. */
import { createHmac } from 'node:crypto';
import { webhookAuth } from '../../../functions/proxy/plugins/authentication/webhook-auth/webhook-auth.ts';
import { toRequest } from '../../support/builders.ts';
import { runPlugin } from '../../support/plugin-rig.ts';

const nowSeconds = 1_767_323_045;
const missing = 'Missing webhook signature in request';

const sign = (text: string) => createHmac('sha256', 's').update(text).digest('hex');

interface Delivery {
  readonly body: string;
  readonly time: string;
  readonly id?: string;
  readonly signature: string;
}

async function ask(signed: string, { body, time, id = '', signature }: Delivery): Promise<string> {
  const config = { header: 'X-Sign', secrets: ['s'], signed, timestamp_header: 'X-Time' };
  const headers = { 'x-sign': signature, 'x-id': id, 'x-time': time };
  const { passed, error } = await runPlugin(webhookAuth, config, {
    request: toRequest({ body: Buffer.from(body), headers }),
    nowMs: nowSeconds * 1000,
  });
  return passed ? 'passes' : (error?.detail ?? '');
}

test.each([
  ['{body}{timestamp}', '0'],
  ['{body}.{timestamp}', '0'],
  ['{timestamp}.{body}', '00'],
])('no time begins with a zero: %s', async (signed, zeros) => {
  const time = `${zeros}${nowSeconds}`;
  const signature = sign(signed.replace('{timestamp}', time).replace('{body}', 'b'));

  expect(await ask(signed, { body: 'b', time, signature })).toBe(missing);
});

test('zeros at the end of a body do not become a part of the time behind it', async () => {
  const signature = sign(`amount=100${nowSeconds}`);
  const send = (body: string, time: string) => ask('{body}{timestamp}', { body, time, signature });

  expect(await send('amount=100', String(nowSeconds))).toBe('passes');
  expect(await send('amount=1', `00${nowSeconds}`)).toBe(missing);
});

test('zeros at the end of a header do not become a part of the time behind it', async () => {
  const signature = sign(`bid-700${nowSeconds}`);
  const send = (id: string, time: string) =>
    ask('{body}{header:x-id}{timestamp}', { body: 'b', id, time, signature });

  expect(await send('id-700', String(nowSeconds))).toBe('passes');
  expect(await send('id-7', `00${nowSeconds}`)).toBe(missing);
});
