/** fault-injection and mocking through the built artefact: they answer in front of access plugins and upstreams. */
import { type Guarded, startGuarded } from '../../support/guarded.ts';

let guarded: Guarded;

beforeAll(async () => {
  guarded = await startGuarded({
    aborted: {
      'key-auth': {},
      'fault-injection': {
        abort: { http_status: 418, body: 'from $http_x_name', headers: { 'X-Name': '$arg_name' } },
      },
    },
    some: {
      'fault-injection': { abort: { http_status: 403, vars: [[['arg_name', '==', 'jack']]] } },
    },
    slow: { 'fault-injection': { delay: { duration: 0.05 } } },
    empty: { 'fault-injection': { abort: { http_status: 204 } } },
    mocked: { 'key-auth': {}, mocking: { response_example: 'Hello $arg_name' } },
  });
});

afterAll(() => guarded.close());

it('an abort answers in front of an access plugin, with its variables filled in', async () => {
  const response = await guarded.ask('aborted', {
    target: '?name=a%0d%0aset-cookie:%20b=c',
    headers: [['x-name', 'ann']],
  });

  expect([response.status, response.text()]).toEqual([418, 'from ann']);
  expect(response.header('x-name')).toBe('a  set-cookie: b=c');
  expect(response.header('set-cookie')).toBeUndefined();
  expect(response.header('countersign-error')).toBeUndefined();
});

it.each([
  ['some', '?name=jack', 403],
  ['some', '?name=allen', 200],
  ['some', '?name=jack&name=allen', 400],
  ['slow', '', 200],
  ['empty', '', 204],
])('on %s, %s is answered %s', async (route, target, status) => {
  expect((await guarded.ask(route, { target })).status).toBe(status);
});

it('a mocked route answers and calls no upstream', async () => {
  const before = guarded.upstream.received.length;
  const response = await guarded.ask('mocked', { target: '?name=ann' });

  expect([response.status, response.text()]).toEqual([200, 'Hello ann']);
  expect(response.header('x-mock-by')).toBe('countersign');
  expect(guarded.upstream.received).toHaveLength(before);
});
