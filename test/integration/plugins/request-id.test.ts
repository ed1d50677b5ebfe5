/** request-id through the built artefact: ids that it makes, ids that it keeps, and where they arrive. */

import { issuesOf } from '../../support/documents.ts';
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';
import { hopByHopNames, spoofedNames } from '../../support/header-names.ts';

let rig: GuardedRoutes;

beforeAll(async () => {
  rig = await startGuardedRoutes({
    routes: {
      uuid: { 'request-id': {} },
      nanoid: { 'request-id': { algorithm: 'nanoid' } },
      ksuid: { 'request-id': { algorithm: 'ksuid' } },
      range: { 'request-id': { algorithm: 'range_id' } },
      short: {
        'request-id': { algorithm: 'range_id', range_id: { length: 6, char_set: 'ABCDEF' } },
      },
      named: { 'request-id': { header_name: 'Custom-Header-Name' } },
      quiet: { 'request-id': { include_in_response: false } },
      guarded: { 'request-id': {}, 'key-auth': {} },
    },
  });
});

afterAll(() => rig.close());

it.each([
  ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ['nanoid', /^[\w-]{21}$/],
  ['ksuid', /^[0-9A-Za-z]{27}$/],
  ['range', /^[a-zA-Z0-9]{16}$/],
  ['short', /^[ABCDEF]{6}$/],
])('%s: the same id goes upstream and back, another for each request', async (id, shape) => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => rig.ask(`/${id}`)));

  const ids = answers.map((answer) => answer.header('x-request-id') ?? '');
  for (const one of ids) expect(one).toMatch(shape);
  expect(answers.map(({ arrived }) => arrived?.headers['x-request-id'])).toEqual(ids);
  if (id !== 'short') expect(new Set(ids).size).toBe(ids.length);
});

it('a ksuid sorts by the time at which it was made', async () => {
  const text = (await rig.ask('/ksuid')).header('x-request-id') ?? '';
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const value = [...text].reduce((sum, digit) => sum * 62n + BigInt(digits.indexOf(digit)), 0n);
  const seconds = Number(value >> 128n) + 1_400_000_000;

  expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
});

it("a client's id under the other spelling of the name goes nowhere", async () => {
  const answer = await rig.ask('/uuid', [
    ['x-request-id', 'kept-by-us'],
    ['x_request_id', 'another'],
  ]);

  expect(answer.arrived?.headers['x-request-id']).toBe('kept-by-us');
  expect(answer.arrived?.headers['x_request_id']).toBeUndefined();
});

it.each([
  ['a uuid', 'fe32076a-d0a5-49a6-a361-6c244c1df956'],
  ['base64', 'c29tZSBpZA+/=='],
  ['a trace id', 'Root=1-67891233-abcdef012345678912345678'],
  ['128 characters', 'x'.repeat(128)],
])('keeps an id that the client brings: %s', async (_, id) => {
  const answer = await rig.ask('/uuid', [['X-Request-ID', id]]);

  expect(answer.header('x-request-id')).toBe(id);
  expect(answer.arrived?.headers['x-request-id']).toBe(id);
});

it.each([
  ['nothing', ''],
  ['129 characters', 'x'.repeat(129)],
  ['a blank', 'a b'],
  ['a quotation mark', 'a"b'],
  ['markup', '<script>'],
  ['braces', '{x}'],
  ['Latin-1', 'caf\xe9'],
  ['a comma, as two headers arrive', 'a,b'],
])('replaces an id that is none: %s', async (_, id) => {
  const answer = await rig.ask('/uuid', [['x-request-id', id]]);

  expect(answer.header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.arrived?.headers['x-request-id']).toBe(answer.header('x-request-id'));
});

it('two headers are no id', async () => {
  const answer = await rig.ask('/uuid', [
    ['x-request-id', 'a'],
    ['x-request-id', 'b'],
  ]);

  expect(answer.header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

it('has the name that the document gives it, and is left out of the answer where it says so', async () => {
  const named = await rig.ask('/named');
  const quiet = await rig.ask('/quiet');

  expect(named.header('custom-header-name')).toBe(named.arrived?.headers['custom-header-name']);
  expect(named.header('x-request-id')).toBeUndefined();
  expect(quiet.header('x-request-id')).toBeUndefined();
  expect(quiet.arrived?.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

it('stands on the errors of the proxy as well', async () => {
  const answer = await rig.ask('/guarded', [['x-request-id', 'mine']]);

  expect([answer.status, answer.header('x-request-id')]).toEqual([401, 'mine']);
  expect(answer.header('www-authenticate')).toBe('apikey realm="key"');
});

it.each([
  ...hopByHopNames,
  ...spoofedNames,
  'x-amzn-trace-id',
  'x-consumer-username',
  'x-forwarded-for',
  'authorization',
  'set-cookie',
  'content-length',
  'countersign-error',
  'host',
  'via',
])('no document may call it %s', async (header_name) => {
  const document = { uri: '/x', plugins: { 'request-id': { header_name } } };

  expect(await issuesOf(document)).toMatchObject([{ pointer: '/plugins/request-id/header_name' }]);
});
