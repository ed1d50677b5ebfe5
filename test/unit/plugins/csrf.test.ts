import { createHash } from 'node:crypto';
import { csrf } from '../../../functions/proxy/plugins/security/csrf.ts';
import { headersOf } from '../../support/builders.ts';
import { runPlugin, verdictOf } from '../../support/plugin-rig.ts';

const nowMs = Date.UTC(2026, 0, 2);
const nowSeconds = nowMs / 1000;

function toToken({ key = 'k', seconds = nowSeconds, random = '0.5' } = {}) {
  const sign = createHash('sha256')
    .update(`{expires:${seconds},random:${random},key:${key}}`)
    .digest('hex');
  const text = `{"random":${random},"sign":"${sign}","expires":${seconds}}`;
  return Buffer.from(text).toString('base64');
}

const config = { key: 'k' };
const name = 'apisix-csrf-token';
const sent = (header: string | undefined, cookie: string | undefined) => ({
  ...(header === undefined ? {} : { [name]: header }),
  ...(cookie === undefined ? {} : { cookie: `a=1; ${name}=${cookie}` }),
});
const good = toToken();
const old = toToken({ seconds: nowSeconds - 7200 });
const tooOld = toToken({ seconds: nowSeconds - 7201 });
const foreign = toToken({ key: 'other' });

test.each<[string, unknown, string, Record<string, string>, string | undefined]>([
  ['a token in both', config, 'POST', sent(good, good), undefined],
  ['an old token', config, 'POST', sent(old, old), undefined],
  [
    'an expired token',
    config,
    'POST',
    sent(tooOld, tooOld),
    'Failed to verify the csrf token signature',
  ],
  ['no expiry', { ...config, expires: 0 }, 'POST', sent(tooOld, tooOld), undefined],
  [
    'a token of another key',
    config,
    'POST',
    sent(foreign, foreign),
    'Failed to verify the csrf token signature',
  ],
  ['text', config, 'POST', sent('x', 'x'), 'Failed to verify the csrf token signature'],
  [
    'a long text',
    config,
    'POST',
    sent('x'.repeat(9000), 'x'.repeat(9000)),
    'Failed to verify the csrf token signature',
  ],
  ['no header', config, 'POST', sent(undefined, good), 'no csrf token in headers'],
  ['no cookie', config, 'POST', sent(good, undefined), 'no csrf cookie'],
  ['two tokens', config, 'POST', sent(good, old), 'csrf token mismatch'],
  ['two cookies', config, 'POST', sent(good, `${good}; ${name}=${good}`), 'csrf token mismatch'],
  ['a GET', config, 'GET', {}, undefined],
  ['a HEAD', config, 'HEAD', {}, undefined],
  ['an OPTIONS', config, 'OPTIONS', {}, undefined],
  ['a DELETE', config, 'DELETE', {}, 'no csrf token in headers'],
])('%s with %j by %s', async (_, settings, method, headers, expected) => {
  const { error, passed } = await runPlugin(csrf, settings, {
    request: { method, headers },
    nowMs,
  });

  expect([error?.detail, passed === undefined]).toEqual([expected, expected !== undefined]);
  expect(error?.headers['www-authenticate']).toBe(expected && 'csrf');
});

test('each response brings a token, which is taken afterwards', async () => {
  const { response } = await runPlugin(csrf, { key: 'k', name: 'T' }, { nowMs });
  const [cookie = ''] = headersOf(response?.headers ?? [], 'set-cookie');
  const token = cookie.slice(2, cookie.indexOf(';'));
  const text = Buffer.from(token, 'base64').toString();

  expect(cookie).toBe(
    `T=${token};path=/;SameSite=Lax;Secure;Expires=Fri, 02 Jan 2026 02:00:00 GMT`,
  );
  expect(text).toMatch(/^\{"random":0\.\d{13}[1-9],"sign":"[0-9a-f]{64}","expires":1767312000\}$/);
  const request = { method: 'POST', headers: { t: token, cookie: `T=${token}` } };
  expect(await verdictOf(csrf, { key: 'k', name: 'T' }, { request, nowMs })).toBe('passed');
});

test('a token that does not expire says nothing of expiry', async () => {
  const { response } = await runPlugin(csrf, { key: 'k', expires: 0 }, { nowMs });

  expect(headersOf(response?.headers ?? [], 'set-cookie')[0]).toMatch(/;Secure$/);
});

test('a refusal brings a token, too', async () => {
  const { error } = await runPlugin(csrf, config, { request: { method: 'POST' }, nowMs });

  expect(JSON.stringify(error?.withHeaders({}) ?? {})).toContain(name);
});
