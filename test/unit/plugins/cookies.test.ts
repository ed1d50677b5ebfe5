import { readCookie, withoutCookie } from '../../../functions/proxy/http/cookies.ts';

test.each([
  ['a=1; jwt=x; b=2', 'a=1; b=2'],
  ['jwt=x; a=1', 'a=1'],
  ['a=1; jwt=x', 'a=1'],
  ['jwt=x', undefined],
  ['jwt=x;jwt=y ; jwt', undefined],
  ['jwt=x; a=1;jwt = y;b=2; ', 'a=1;b=2'],
  [' ; jwt=x ;; ', undefined],
  ['jwtx=1;  xjwt=2', 'jwtx=1;  xjwt=2'],
  ['a="jwt=x"; b', 'a="jwt=x"; b'],
  ['', undefined],
  [undefined, undefined],
])('%j without the cookie jwt is %j', (header, expected) => {
  const left = withoutCookie(header, 'jwt');

  expect(left).toBe(expected);
  expect(readCookie(left, 'jwt')).toEqual([]);
});

test.each([
  ['jwt=x', 'x'],
  ['jwt =\t x \t; a', 'x'],
  // No reader takes such a blank off.
  ['jwt=\xa0x\xa0', '\xa0x\xa0'],
])('the cookie jwt of %j has the value %j', (header, value) => {
  expect(readCookie(header, 'jwt')).toEqual([value]);
});
