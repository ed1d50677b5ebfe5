/** Which values of parameters and cookies readers disagree about. */
import {
  decodeAgreed,
  isDisputedCookie,
  isDisputedParameter,
} from '../../functions/proxy/http/values.ts';

test.each([
  ['', false],
  ['value', false],
  ['a+b', false],
  ['%7B%22a%22%3A1%2C%5C%20%7D', false],
  ['100%', false],
  ['%2500', false],
  ['a=b', false],
  ['"a"', true],
  ['a\\b', true],
  ['a,b', true],
  ['a b', true],
  ['a\tb', true],
  ['a\x7fb', true],
  ['a%00', true],
  ['a%1F', true],
  ['a%7f', true],
  ['%u0061', true],
])('the cookie value %j is disputed: %s', (raw, isDisputed) => {
  expect(isDisputedCookie(raw)).toBe(isDisputed);
});

test.each([
  ['', false],
  ['"a", \\b', false],
  ['a%3Bb', false],
  ['a%0Ab', false],
  ['%2500', false],
  ['%ux061', false],
  ['a;', true],
  [';a', true],
  ['a%00', true],
  ['a\0b', true],
  ['%ff%00', true],
  ['%U0061', true],
])('the parameter value %j is disputed: %s', (raw, isDisputed) => {
  expect(isDisputedParameter(raw)).toBe(isDisputed);
});

test.each([
  ['', ''],
  ['plain', 'plain'],
  ['%61%C3%A9%2B', 'aé+'],
  ['100%', '100%'],
  ['%', '%'],
  ['%zz%', '%zz%'],
  ['%u0061', '%u0061'],
  ['%61%', undefined],
  ['%FF', undefined],
  ['a%c1%a1', undefined],
  ['%ed%a0%80', undefined],
])('readers agree that %j is %j', (raw, value) => {
  expect(decodeAgreed(raw)).toBe(value);
});

test('a long cookie value is looked at once for each character', () => {
  const spy = jest.spyOn(String.prototype, 'charCodeAt');
  isDisputedCookie('%41'.repeat(10_000));
  const { length: looks } = spy.mock.calls;
  spy.mockRestore();

  expect(looks).toBeLessThanOrEqual(30_000);
});
