import {
  assertTargetBytes,
  maxTargetBytes,
  sliceAfterKey,
  toMatchKey,
  toRequestLine,
  toRootedPath,
  toWireQuery,
} from '../../functions/proxy/http/path.ts';
import { codeThrownBy } from '../support/builders.ts';

test.each([
  ['/plain', '/plain'],
  ['/a b', '/a%20b'],
  ['/a  b', '/a%20%20b'],
  ['/tab\there', '/tab%09here'],
  ['/line\r\nfeed', '/line%0D%0Afeed'],
  ['/del\x7f', '/del%7F'],
  ['/a#b', '/a%23b'],
  ['/ä', '/%C3%A4'],
  ['/λ/€', '/%CE%BB/%E2%82%AC'],
  ['/😀', '/%F0%9F%98%80'],
  ['/\ud800', '/%EF%BF%BD'],
  ['/%', '/%'],
  ['/%zz%2', '/%zz%2'],
  ['/%c3%A4', '/%c3%A4'],
  [`/!"$&'()*+,;<=>?@[\\]^_\`{|}~`, `/!"$&'()*+,;<=>?@[\\]^_\`{|}~`],
])('%j stands on a request line as %j', (text, expected) => {
  expect(toRequestLine(text)).toBe(expected);
});

test.each([
  ['', ''],
  ['a=1', 'a=1'],
  ['flag', 'flag'],
  ['a=2&a=1', 'a=2&a=1'],
  ['a=1&&b=', 'a=1&&b='],
  ['x=a;b', 'x=a;b'],
  ['x=100%', 'x=100%'],
  ['x=%FF', 'x=%FF'],
  ['x=a+b', 'x=a%20b'],
  ['x=a%2Bb', 'x=a%2Bb'],
  ['+=+', '%20=%20'],
  ['x=ä', 'x=%C3%A4'],
  ['x=a b', 'x=a%20b'],
  ['x=a#b', 'x=a%23b'],
  ['=v', '=v'],
  ['a==b?c/d', 'a==b?c/d'],
])('the query %j is sent as %j', (query, expected) => {
  expect(toWireQuery(query)).toBe(expected);
});

test.each([
  ['/admin', '/admin'],
  ['/%61dmin', '/admin'],
  ['/a//b', '/a/b'],
  ['///', '/'],
  ['/a%2fb', '/a%2Fb'],
  ['/a%5cb', '/a%5Cb'],
  ['/a%25b', '/a%25b'],
  ['/a%20b', '/a%20b'],
  ['/%c3%a4', '/%C3%A4'],
  ['/%7euser', '/~user'],
  ['/a%zz', '/a%zz'],
  ['/a%2', '/a%2'],
])('%s is compared as %s', (path, expected) => {
  expect(toMatchKey(path)).toBe(expected);
});

test.each([
  ['/', '/'],
  ['/a//b\\c', '/a//b\\c'],
  ['//x/y', '/x/y'],
  ['////', '/'],
  ['/\\x/y', '/%5Cx/y'],
  ['//\\/\\x', '/%5C/\\x'],
])('%s cannot be taken for a host and a path as %s', (path, expected) => {
  expect(toRootedPath(path)).toBe(expected);
  expect(new URL(expected, 'http://server').host).toBe('server');
});

test.each([
  ['/aws/x/y', '/aws/', 'x/y'],
  ['/aws//x', '/aws/', '/x'],
  ['/aws///x', '/aws/', '//x'],
  ['//aws/x', '/aws/', 'x'],
  ['/aws/', '/aws/', ''],
  ['/%61ws/%78', '/aws/', '%78'],
  ['/a%20b/c', '/a%20b/', 'c'],
  ['/a%c3%a4/c', '/a%C3%A4/', 'c'],
  ['/a%/c', '/a%/', 'c'],
  ['/foo/bar', '/foo/ba', 'r'],
  ['/foo/ba%72', '/foo/ba', '%72'],
  ['/foo//ba%72/', '/foo/ba', '%72/'],
])('of %s, what follows the key %s is %j, as sent', (path, key, expected) => {
  expect(sliceAfterKey(path, key.length)).toBe(expected);
});

test('a path and query of a megabyte together are sent, and longer ones are not', () => {
  expect(() => assertTargetBytes(maxTargetBytes)).not.toThrow();
  expect(codeThrownBy(() => assertTargetBytes(maxTargetBytes + 1))).toBe('MALFORMED_REQUEST');
});
