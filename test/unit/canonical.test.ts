import { toCanonicalPath, toCanonicalQuery } from '../../functions/proxy/sign/canonical.ts';
import {
  toCanonicalPath as toVerifiersPath,
  toCanonicalQuery as toVerifiersQuery,
} from '../../local/sigv4/canonical-request.ts';

test.each([
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['/a/b/', '/a/b/'],
  ['//', '/'],
  ['//a///b//', '/a/b/'],
  ['/a%20b', '/a%2520b'],
  ['/a%2Fb', '/a%252Fb'],
  ['/%c3%A4', '/%25c3%25A4'],
  ['/100%', '/100%25'],
  ['/~user/-._', '/~user/-._'],
  ["/!$&'()*+,;=:@", '/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40'],
  ['/a\\b|c', '/a%5Cb%7Cc'],
  ['/a..b/...', '/a..b/...'],
])('the path %s is signed as %s, by signer and verifier', (path, expected) => {
  expect([toCanonicalPath(path), toVerifiersPath(path)]).toEqual([expected, expected]);
});

test.each([
  ['', ''],
  ['flag', 'flag='],
  ['a=', 'a='],
  ['=v', '=v'],
  ['=', '='],
  ['&', ''],
  ['a&&b', 'a=&b='],
  ['b=1&a=2', 'a=2&b=1'],
  ['a=2&a=1', 'a=1&a=2'],
  ['a=b=c', 'a=b%3Dc'],
  ['a-=x&a=%2A', 'a=%2A&a-=x'],
  ['A=1&a=1&_=1', 'A=1&_=1&a=1'],
  ['x=%41%7e', 'x=A~'],
  ['x=%c3%a4', 'x=%C3%A4'],
  ['x=%FF', 'x=%FF'],
  ['x=100%', 'x=100%25'],
  ['x=%zz', 'x=%25zz'],
  ['x=%2', 'x=%252'],
  ['x=a;b', 'x=a%3Bb'],
  ['x=a%2Bb', 'x=a%2Bb'],
  ['x=a/b?c', 'x=a%2Fb%3Fc'],
  ['%61=1&a=0', 'a=0&a=1'],
  ["x=!'()*", 'x=%21%27%28%29%2A'],
  ['X-Amz-Signature=a', 'X-Amz-Signature=a'],
  ['a=%2&a=%252', 'a=%252&a=%252'],
])('the query %s is signed as %s, by signer and verifier', (query, expected) => {
  expect([toCanonicalQuery(query), toVerifiersQuery(query)]).toEqual([expected, expected]);
});

test('a path and a query without anything to encode are not copied', () => {
  const copies = jest.spyOn(Buffer, 'from');
  const plain = [toCanonicalPath('/a/b-c'), toCanonicalQuery('a=b&c')];
  const count = copies.mock.calls.length;
  jest.restoreAllMocks();

  expect([plain, count]).toEqual([['/a/b-c', 'a=b&c='], 0]);
});

test('bytes beyond ASCII are taken one by one', () => {
  expect([toCanonicalPath('/\xe4'), toCanonicalQuery('\xe4')]).toEqual(['/%E4', '%E4=']);
});
