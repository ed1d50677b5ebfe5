import { readRequest } from '../../functions/proxy/event.ts';
import { thrownBy, toEvent } from '../support/builders.ts';

const read = (event: unknown) => readRequest(event, 'request-1');

test('header names are read in lower case and values as they are', () => {
  const headers = { 'X-Mixed': ' a,b ', __proto__x: '1', constructor: 'c', 'x-empty': '' };
  expect({ ...read(toEvent({ headers })).headers }).toEqual({
    'x-mixed': ' a,b ',
    __proto__x: '1',
    constructor: 'c',
    'x-empty': '',
  });
});

test('a header named __proto__ is a header like any other', () => {
  const headers = JSON.parse('{"__proto__":"x"}') as unknown;
  expect(Object.entries(read(toEvent({ headers })).headers)).toEqual([['__proto__', 'x']]);
});

test.each([
  [{ headers: { cookie: 'a=1; b=2' }, cookies: ['a=1', 'b=2'] }, 'a=1; b=2'],
  [{ headers: {}, cookies: ['a=1', 'b=2'] }, 'a=1; b=2'],
  [{ headers: { Cookie: 'a=1' }, cookies: ['b=2'] }, 'a=1'],
  [{ headers: {}, cookies: [] }, undefined],
  [{ headers: {} }, undefined],
])('of %j the cookie header is %j, once', (parts, expected) => {
  expect(read(toEvent(parts)).headers['cookie']).toBe(expected);
});

test('what Connection names is gone before anything reads it, but the host', () => {
  const headers = {
    Host: 'proxy.example',
    Connection: 'close, X-Tenant , host,cookie,,constructor',
    'x-tenant': 'blue',
    'x-kept': 'yes',
  };
  const request = read(toEvent({ headers, cookies: ['a=1'] }));
  expect({ ...request.headers }).toEqual({
    host: 'proxy.example',
    connection: 'close, X-Tenant , host,cookie,,constructor',
    'x-kept': 'yes',
  });
  expect(request.host).toBe('proxy.example');
});

test('a request has 5,000 headers at most', () => {
  const withHeaders = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `x-${index}`);
    return read(toEvent({ headers: Object.fromEntries(names.map((name) => [name, ''])) }));
  };

  expect(Object.keys(withHeaders(5000).headers)).toHaveLength(5000);
  expect(thrownBy(() => withHeaders(5001))).toMatchObject({
    code: 'MALFORMED_REQUEST',
    message: 'headers: expected at most 5000, found more',
  });
});

test('the name of a header has 256 characters at most', () => {
  const withName = (name: string) => () => read(toEvent({ headers: { [name]: 'x' } }));

  expect(Object.keys(withName('_'.repeat(256))().headers)).toEqual(['_'.repeat(256)]);
  expect(withName('_'.repeat(257))).toThrow(
    expect.objectContaining({
      code: 'MALFORMED_REQUEST',
      message: 'headers: expected names of at most 256 characters, found a longer one',
    }),
  );
});
