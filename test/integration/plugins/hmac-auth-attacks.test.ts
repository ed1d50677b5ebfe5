/** hmac-auth against requests that nobody has signed as they are. */
import type { ClientRequest } from '../../support/client.ts';
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';
import {
  date,
  type Signing,
  toSignedRequest,
  withAuthorization,
} from '../../support/hmac-signer.ts';

let rig: GuardedRoutes;

beforeAll(async () => {
  rig = await startGuardedRoutes({
    routes: { plain: { 'hmac-auth': {} } },
    consumers: {
      john: { 'hmac-auth': { key_id: 'john-key', secret_key: 'john-secret-key' } },
      other: { 'hmac-auth': { key_id: 'other-key', secret_key: 'other-secret' } },
    },
  });
});

afterAll(() => rig.close());

const statusOf = async (request: ClientRequest) => (await rig.ask(request)).status;

it.each<[string, Signing]>([
  ['a wrong secret', { secret: 'john-secret' }],
  ['an unknown key', { keyId: 'eve-key' }],
  ['an unknown key, signed with what stands in for its secret', { keyId: 'eve', secret: 'nobody' }],
  ['the name of the consumer as key id', { keyId: 'john' }],
  ['no date', { headers: [['x-other', '1']] }],
  ['a date that is not signed', { headers: [['date', date()]], signed: ['@request-target'] }],
  ['a target that is not signed', { signed: ['date'] }],
  ['the same header twice', { signed: ['@request-target', 'date', 'date'] }],
  ['the same header twice in two cases', { signed: ['@request-target', 'date', 'Date'] }],
  ['a header that is not there', { signed: ['@request-target', 'date', 'x-role'] }],
  ['a clock that is six minutes late', { headers: [['date', date(-360)]] }],
  ['a clock that is six minutes early', { headers: [['date', date(360)]] }],
  ['a date in another form', { headers: [['date', new Date().toISOString()]] }],
  ['a date in seconds', { headers: [['date', String(Math.floor(Date.now() / 1000))]] }],
  ['a date of another zone', { headers: [['date', date().replace('GMT', '+0000')]] }],
  ['a day that there is not', { headers: [['date', 'Fri, 99 Sep 2025 23:53:18 GMT']] }],
])('refuses %s', async (_, signing) => {
  const answer = await rig.ask(toSignedRequest(signing));

  expect([answer.status, answer.detail]).toEqual([401, "client request can't be validated"]);
  expect(answer.header('www-authenticate')).toBe('hmac realm="hmac"');
  expect(answer.arrived).toBeUndefined();
});

it.each<[string, (request: ClientRequest) => ClientRequest]>([
  ['method', (request) => ({ ...request, method: 'POST' })],
  ['path', (request) => ({ ...request, target: '/plain/b?x=1' })],
  ['query', (request) => ({ ...request, target: '/plain/a?x=2' })],
  ['spelling of the path', (request) => ({ ...request, target: '/plain/%61?x=1' })],
  ['more of a query', (request) => ({ ...request, target: '/plain/a?x=1&y' })],
  [
    'date',
    (request) => ({
      ...request,
      headers: [['date', date(1)], ...(request.headers ?? []).slice(1)],
    }),
  ],
  [
    'signed header',
    (request) => ({
      ...request,
      headers: (request.headers ?? []).map(([name, value]): [string, string] => [
        name,
        name === 'x-role' ? 'admin' : value,
      ]),
    }),
  ],
  [
    'signed header, which comes twice',
    (request) => ({
      ...request,
      headers: [...(request.headers ?? []), ['x-role', 'admin']],
    }),
  ],
  [
    'list of what is signed',
    (request) => withAuthorization(request, (value) => value.replace(' x-role"', '"')),
  ],
  [
    'order of what is signed',
    (request) => withAuthorization(request, (value) => value.replace('date x-role', 'x-role date')),
  ],
  [
    'algorithm',
    (request) => withAuthorization(request, (value) => value.replace('sha256', 'sha512')),
  ],
  [
    'key id',
    (request) => withAuthorization(request, (value) => value.replace('john-key', 'other-key')),
  ],
])('a signature holds for nothing else: another %s', async (_, change) => {
  const request = toSignedRequest({
    target: '/plain/a?x=1',
    headers: [
      ['date', date()],
      ['x-role', 'user'],
    ],
  });

  expect(await statusOf(request)).toBe(200);
  expect(await statusOf(change(request))).toBe(401);
});

it.each<[string, (authorization: string) => string]>([
  ['another scheme', (value) => value.replace('Signature', 'Bearer')],
  ['no blank behind the scheme', (value) => value.replace('Signature ', 'Signature')],
  ['nothing behind the scheme', () => 'Signature '],
  ['nothing', () => ''],
  ['a field twice', (value) => `${value},keyId="john-key"`],
  ['two credentials in one', (value) => `${value}, ${value}`],
  ['text between fields', (value) => value.replace(',headers', ' and headers')],
  ['an open quotation mark', (value) => value.slice(0, -1)],
  ['no signature', (value) => value.replace(/,signature=.*/, '')],
  ['an empty signature', (value) => value.replace(/signature=.*/, 'signature=""')],
  ['a signature with a blank', (value) => value.replace(/="$/, '= "')],
  ['a signature in base64url', (value) => value.replace(/signature="(.)/, 'signature="-$1')],
  ['half a signature', (value) => value.replace(/signature="(.{20}).*/, 'signature="$1"')],
  [
    'a header that is not there, and has no line',
    (value) => value.replace('date"', 'date x-role"'),
  ],
  ['an algorithm that is none', (value) => value.replace('hmac-sha256', 'none')],
  ['an inherited name as algorithm', (value) => value.replace('hmac-sha256', 'constructor')],
  [
    'an algorithm of OpenSSL that is not allowed',
    (value) => value.replace('hmac-sha256', 'hmac-md5'),
  ],
  ['more than 8192 characters', (value) => `${value},opaque="${'x'.repeat(8192)}"`],
  ['many fields', (value) => `${value}${',a="b"'.repeat(1000)}`],
])('refuses an Authorization with %s', async (_, change) => {
  expect(await statusOf(withAuthorization(toSignedRequest(), change))).toBe(401);
});
