import { toUriReadings, toWirePath } from '../../functions/proxy/http/path.ts';

test.each([
  ['/plain', '', ['/plain']],
  ['/a', 'b=1', ['/a?b=1']],
  ['/a%62', '', ['/a%62', '/ab']],
  ['/a', 'q=%62', ['/a?q=%62', '/a?q=b']],
  ['/a', 'b=1%202', ['/a?b=1+2', '/a?b=1%202', '/a?b=1 2']],
  ['/a%2562', '', ['/a%2562', '/a%62', '/ab']],
  ['/a', 'q=%2562', ['/a?q=%2562', '/a?q=%62', '/a?q=b']],
  ['/a\\b', '', ['/a\\b', '/a/b']],
  ['/a//\\b', '', ['/a//\\b', '/a/b']],
  ['/a%09b', '', ['/a%09b', '/a\tb', '/ab']],
  ['/a;x=1/b', '', ['/a;x=1/b', '/a/b']],
  ['/a/;x;y/b', '', ['/a/;x;y/b', '/a/b']],
  ['/a\\b;x/c', '', ['/a\\b;x/c', '/a/b;x/c', '/a/b/c']],
  ['/a;%62', '', ['/a;%62', '/a', '/a;b']],
  ['/%C3%A4', '', ['/%C3%A4', '/ä']],
])('%s with the query %j is read as each of %j', (path, query, readings) => {
  expect(new Set(toUriReadings(path, query))).toEqual(new Set(readings));
});

test('a path is decoded four times, and no more', () => {
  expect(toUriReadings('/%25252541', '')).toContain('/A');
  expect(toUriReadings('/%2525252541', '')).not.toContain('/A');
});

test.each([
  ['/a?b', '/a%3Fb'],
  ['/a#b?', '/a%23b%3F'],
  ['/a b', '/a%20b'],
  ['/ä', '/%C3%A4'],
  ['/a%20b&+', '/a%20b&+'],
])('the path %s is sent as %s', (path, expected) => {
  expect(toWirePath(path)).toBe(expected);
});
