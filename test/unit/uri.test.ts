import { findInvalidUri, parseUri } from '../../functions/proxy/routes/uri.ts';

test.each([
  '/',
  '/*',
  '/a',
  '/a/',
  '/a/*',
  '/a*',
  '/a/:id',
  '/:a/:b/*',
  '/a:b',
  '/users/:id*',
  '/ä',
  '/%C3%A4',
  '/a%20b',
  '/a%2Fb',
  "/!$&'()+,;=@~",
])('%s is a uri', (uri) => {
  expect(findInvalidUri(uri)).toBeUndefined();
});

test.each([
  ['', 'a path that begins with /'],
  ['a', 'a path that begins with /'],
  ['*', 'a path that begins with /'],
  ['https://host/a', 'a path that begins with /'],
  ['/a?b', 'a path without ?, #, \\, spaces and control characters'],
  ['/a#b', 'a path without ?, #, \\, spaces and control characters'],
  ['/a b', 'a path without ?, #, \\, spaces and control characters'],
  ['/a\\b', 'a path without ?, #, \\, spaces and control characters'],
  ['/a\0', 'a path without ?, #, \\, spaces and control characters'],
  ['/a\u0085', 'a path without ?, #, \\, spaces and control characters'],
  ['/a*b', 'a path with * at its very end only'],
  ['/*/a', 'a path with * at its very end only'],
  ['/a**', 'a path with * at its very end only'],
  ['/:', 'a name after each :'],
  ['/a/:/b', 'a name after each :'],
  ['/:*', 'a name after each :'],
  ['/..', 'a path that requests can have (the path holds a dot segment)'],
  ['/a/%2e%2e/*', 'a path that requests can have (the path holds a dot segment)'],
  ['/a%00', 'a path that requests can have (the path holds a NUL byte)'],
])('%j is none: expected is %s', (uri, expected) => {
  expect(findInvalidUri(uri)).toBe(expected);
});

test.each([
  ['/', [''], false, 1],
  ['/*', [''], true, 1],
  ['/a', ['a'], false, 2],
  ['/a*', ['a'], true, 2],
  ['/a/*', ['a', ''], true, 3],
  ['/a/:id', ['a', undefined], false, 3],
  ['/a/:id/b', ['a', undefined, 'b'], false, 5],
  ['/a/:id/*', ['a', undefined, ''], true, 4],
  ['/a/:id*', ['a', ':id'], true, 6],
  ['/%61', ['a'], false, 2],
  ['/ä', ['%C3%A4'], false, 7],
  ['/a//b', ['a', 'b'], false, 4],
])(
  '%s has its segments, its kind and its literal length',
  (uri, segments, isPrefix, literalLength) => {
    expect(parseUri(uri)).toMatchObject({ segments, isPrefix, literalLength });
  },
);

test.each([
  ['/a/:x', '/a/:y', true],
  ['/%61', '/a', true],
  ['/a//b', '/a/b', true],
  ['/a', '/a*', false],
  ['/a', '/a/', false],
  ['/a/*', '/a*', false],
  ['/a%2A', '/a*', false],
])('%s and %s match the same paths: %s', (first, second, isSame) => {
  expect(parseUri(first).shape === parseUri(second).shape).toBe(isSame);
});
