/** What reading the variables of a condition costs, and which headers it refuses. */
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { createConditionSubject } from '../../functions/proxy/plugins/condition-subject.ts';
import { codeThrownBy, thrownBy, toExchange, toRequest } from '../support/builders.ts';

const mostSteps = 2_000_000;
const open = (request: Partial<ProxyRequest>) =>
  createConditionSubject(toExchange({ request: toRequest(request) }));
const formType = { 'content-type': 'application/x-www-form-urlencoded' };
const toQuery = (length: number) => `x=1&${'y'.repeat(length - 4)}`;

test('all conditions of a request may take two million steps', () => {
  const { spend } = open({});
  spend(mostSteps);

  expect(thrownBy(() => spend(1))).toMatchObject({
    code: 'MALFORMED_REQUEST',
    message: 'a condition takes too long: more than 2000000 steps for all conditions',
  });
});

test.each<[string, Partial<ProxyRequest>, number]>([
  ['arg_x', { query: toQuery(8000) }, 32_000],
  ['cookie_x', { headers: { cookie: toQuery(8000) } }, 32_000],
  ['cookie_x', {}, 0],
  ['post_arg_x', { body: Buffer.from(toQuery(60_000)), headers: formType }, 240_000],
  ['post_arg_x', { body: Buffer.from('{}'), headers: { 'content-type': 'application/json' } }, 0],
  ['http_x', { query: toQuery(8000), headers: { cookie: toQuery(8000) } }, 0],
  ['uri', { query: toQuery(9000), headers: { cookie: toQuery(9000) } }, 0],
])('reading %s takes the steps of the text that it is in, once: %#', (name, request, steps) => {
  const subject = open(request);
  expect(subject.read(name)).toBe(subject.read(name));
  subject.spend(mostSteps - steps);

  expect(codeThrownBy(() => subject.spend(1))).toBe('MALFORMED_REQUEST');
});

test.each<[string, (length: number) => Partial<ProxyRequest>]>([
  ['arg_x', (length) => ({ query: toQuery(length) })],
  ['cookie_x', (length) => ({ headers: { cookie: toQuery(length) } })],
])('%s is found in 8192 characters at most', (name, toParts) => {
  expect(() => open(toParts(8192)).read(name)).not.toThrow();
  expect(thrownBy(() => open(toParts(8193)).read(name))).toMatchObject({
    message: `a condition takes too long: more than 8192 characters to find ${name} in`,
  });
});

test.each([
  [{ 'x-a': '1' }, '1'],
  [{}, undefined],
  [{ 'x-b': '1', x_b: '2' }, undefined],
])('of the headers %j the deciding one is %j', (headers, expected) => {
  expect(open({ headers }).read('http_x_a')).toBe(expected);
});

test.each([{ 'x-a': '1', x_a: '2' }, { x_a: '2' }, { 'x.a': '2' }])(
  'the headers %j have the deciding one in another spelling',
  (headers) => {
    expect(codeThrownBy(() => open({ headers }).read('http_x_a'))).toBe('MALFORMED_REQUEST');
  },
);

test('there may be more variables than those of a request', () => {
  const more = (name: string) => (name === 'status' ? () => '200' : undefined);
  const subject = createConditionSubject(toExchange({}), more);

  expect([subject.read('status'), subject.read('nothing')]).toEqual(['200', undefined]);
});
