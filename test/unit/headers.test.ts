import { isHopByHop } from '../../functions/proxy/http/header-names.ts';
import {
  readConnectionNames,
  toDashed,
  toEndToEnd,
  toWireValue,
} from '../../functions/proxy/http/headers.ts';
import { hopByHopNames } from '../support/header-names.ts';

test.each(hopByHopNames)('%s belongs to one connection', (name) => {
  expect(isHopByHop(name)).toBe(true);
});

test.each([
  'content-type',
  'content-length',
  'cookie',
  'cache-control',
  'upgrade-insecure-requests',
  'te-x',
  'x-forwarded-for',
])('%s is for the final recipient', (name) => {
  expect(isHopByHop(name)).toBe(false);
});

test.each([
  [undefined, []],
  ['', []],
  ['close', ['close']],
  ['Keep-Alive, X-Foo', ['keep-alive', 'x-foo']],
  [' a ,\tB\t, a', ['a', 'b']],
  ['X-Amz-Date', ['x-amz-date']],
])('Connection: %j names %j', (value, names) => {
  expect([...readConnectionNames(value)]).toEqual(names);
});

test('all Connection headers of a message count, and the others keep their order', () => {
  const headers = [
    ['b', '1'],
    ['connection', 'x-one'],
    ['x-one', '2'],
    ['set-cookie', 'a=1'],
    ['connection', 'X-Two, close'],
    ['x-two', '3'],
    ['a', '4'],
    ['set-cookie', 'b=2'],
    ['keep-alive', 'timeout=5'],
  ] as const;
  expect(toEndToEnd(headers)).toEqual([
    ['b', '1'],
    ['set-cookie', 'a=1'],
    ['a', '4'],
    ['set-cookie', 'b=2'],
  ]);
});

test.each([
  ['plain', 'plain'],
  ['caf\u00e9', 'caf\u00e9'],
  ['λ', '\u00ce\u00bb'],
  ['é€', '\u00c3\u00a9\u00e2\u0082\u00ac'],
])('the value %j travels as the bytes of %j', (value, bytes) => {
  expect(toWireValue(value)).toBe(bytes);
});

test.each([
  ['x-user', 'x-user'],
  ['X_User.Id', 'X-User-Id'],
  ["!#$%&'*+.^_`|~-", '-'.repeat(15)],
  ['09azAZ', '09azAZ'],
])('the name %s is compared as %s', (name, dashed) => {
  expect(toDashed(name)).toBe(dashed);
});
