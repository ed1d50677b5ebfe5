import { ProxyError } from '../../functions/proxy/http/errors.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import { thrownBy, toRequest, toRoute } from '../support/builders.ts';
import { isWhole } from '../support/sample.ts';

const matchOne = (uri: string, path: string) => {
  const matcher = createMatcher([toRoute({ id: 'it', uri })]);
  try {
    const { rest } = matcher.match(toRequest({ path }));
    return rest ?? 'whole';
  } catch (error) {
    return (error as ProxyError).code;
  }
};

test.each([
  ['/a', '/a', 'whole'],
  ['/a', '/a/', 'NO_ROUTE'],
  ['/a', '/A', 'NO_ROUTE'],
  ['/a', '/ab', 'NO_ROUTE'],
  ['/', '/', 'whole'],
  ['/a/b', '/a//b', 'whole'],
  ['/a/b', '//a/b', 'whole'],
  ['/a/b', '/a%2Fb', 'NO_ROUTE'],
  ['/a/b', '/%61/b', 'whole'],
  ['/a b', '/a%20b', 'whole'],
  ['/ä', '/%C3%A4', 'whole'],
  ['/ä', '/%c3%a4', 'whole'],
  ['/%c3%a4', '/%C3%A4', 'whole'],
  ['/a%2fb', '/a%2Fb', 'whole'],
  ['/*', '/', ''],
  ['/*', '/a/b', 'a/b'],
  ['/*', '//a', '/a'],
  ['/aws/*', '/aws/', ''],
  ['/aws/*', '/aws', 'NO_ROUTE'],
  ['/aws/*', '/aws/x/y/', 'x/y/'],
  ['/aws/*', '/aws//x', '/x'],
  ['/aws/*', '/%61ws/a%20b/%C3%A4', 'a%20b/%C3%A4'],
  ['/aws/*', '/aws/%2F', '%2F'],
  ['/aws/*', '/awsx', 'NO_ROUTE'],
  ['/foo/ba*', '/foo/ba', ''],
  ['/foo/ba*', '/foo/bar', 'r'],
  ['/foo/ba*', '/foo/bar/baz', 'r/baz'],
  ['/foo/ba*', '/foo/ba/z', '/z'],
  ['/foo/ba*', '/foo/b%61%72', '%72'],
  ['/foo/ba*', '/foo/b', 'NO_ROUTE'],
  ['/foo/ba*', '/foo/xba', 'NO_ROUTE'],
  ['/users/:id', '/users/7', 'whole'],
  ['/users/:id', '/users/%2F', 'whole'],
  ['/users/:id', '/users/', 'NO_ROUTE'],
  ['/users/:id', '/users/7/', 'NO_ROUTE'],
  ['/users/:id', '/users/7/x', 'NO_ROUTE'],
  ['/users/:id/orders/:order', '/users/7/orders/8', 'whole'],
  ['/users/:id/*', '/users/7/x/y', 'x/y'],
  ['/users/:id/*', '/users/7/', ''],
  ['/users/:id/*', '/users//7/x', 'x'],
  ['/users/:id/or*', '/users/%37/orders', 'ders'],
  ['/:a', '/:a', 'whole'],
  ['/a:b', '/a:b', 'whole'],
  ['/a:b', '/axb', 'NO_ROUTE'],
])('with uri %s, the path %s is %j', (uri, path, expected) => {
  expect(matchOne(uri, path)).toBe(expected);
});

test('an encoded colon is a colon, not the beginning of a parameter', () => {
  expect(matchOne('/users/%3Aid', '/users/7')).toBe('NO_ROUTE');
  expect(matchOne('/users/%3Aid', '/users/:id')).toBe('whole');
});

test('a literal star and a prefix are two places, and neither hides the other', () => {
  // Prepare
  const matcher = createMatcher([
    toRoute({ id: 'literal', uri: '/a%2A' }),
    toRoute({ id: 'prefix', uri: '/a*' }),
  ]);

  // Act
  const found = ['/a*', '/a%2a', '/ab'].map((path) => matcher.match(toRequest({ path })).route.id);

  // Assess
  expect(found).toEqual(['literal', 'literal', 'prefix']);
  expect(matcher.conflicts).toEqual([]);
});

test.each([
  ['x.example.com', 'x.example.com', true],
  ['x.example.com', 'x.example.com:8443', true],
  ['x.example.com', 'x.example.com.', true],
  ['x.example.com', 'x.example.com.:443', true],
  ['x.example.com', 'y.example.com', false],
  ['x.example.com', 'a.x.example.com', false],
  ['x.example.com', '', false],
  ['*.example.com', 'x.example.com', true],
  ['*.example.com', 'a.b.example.com', true],
  ['*.example.com', 'x.example.com:80', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', '.example.com', false],
  ['*.example.com', 'xexample.com', false],
  ['*.example.com', 'example.com.evil.org', false],
  ['', '', true],
  ['', 'anything:1', true],
])('a route for host %j takes the request for %j: %s', (host, requested, expected) => {
  const matcher = createMatcher([toRoute({ hosts: [host] })]);
  const request = toRequest({ host: requested, path: '/a' });
  const isTaken = (() => {
    try {
      return matcher.match(request).route !== undefined;
    } catch {
      return false;
    }
  })();
  expect(isTaken).toBe(expected);
});

test('a path for which no route takes the method is 405, and Allow names every method that one takes', () => {
  // Prepare
  const matcher = createMatcher([
    toRoute({ id: '1', uri: '/a', methods: ['POST', 'PUT'] }),
    toRoute({ id: '2', uri: '/*', methods: ['DELETE', 'POST'] }),
    toRoute({ id: '3', uri: '/:x', methods: ['PATCH'], hosts: ['h'] }),
    toRoute({ id: '4', uri: '/b', methods: ['OPTIONS'] }),
  ]);

  // Act
  const error = thrownBy(() => matcher.match(toRequest({ path: '/a', host: 'h' })));

  // Assess
  expect(error).toBeInstanceOf(ProxyError);
  expect(error).toMatchObject({
    code: 'METHOD_NOT_ALLOWED',
    headers: { allow: 'DELETE, PATCH, POST, PUT' },
  });
});

test('HEAD is a method of its own', () => {
  const matcher = createMatcher([toRoute({ uri: '/a', methods: ['GET'] })]);
  const error = thrownBy(() => matcher.match(toRequest({ path: '/a', method: 'HEAD' })));
  expect(error).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
});

test('an empty table routes nothing', () => {
  const error = thrownBy(() => createMatcher([]).match(toRequest()));
  expect(error).toMatchObject({ code: 'NO_ROUTE', headers: {} });
});

const pairsOfRoutes = [
  ['the same uri', { uri: '/a/*' }, { uri: '/a/*' }, true],
  ['one shape of parameters', { uri: '/a/:x' }, { uri: '/a/:y' }, true],
  ['one of several uris', { uris: ['/a', '/b'] }, { uris: ['/b', '/c'] }, true],
  ['one of several methods', { methods: ['GET', 'PUT'] }, { methods: ['PUT'] }, true],
  ['one spelling of a path', { uri: '/%61' }, { uri: '/a' }, true],
  ['different methods', { methods: ['GET'] }, { methods: ['PUT'] }, false],
  ['different priorities', { priority: 1 }, { priority: 2 }, false],
  ['different hosts', { hosts: ['a'] }, { hosts: ['b'] }, false],
  ['a path and a prefix of it', { uri: '/a' }, { uri: '/a*' }, false],
  ['different lengths', { uri: '/a/*' }, { uri: '/a/b/*' }, false],
] as const;

test.each(pairsOfRoutes)('two routes with %s conflict', (_, first, second, isConflict) => {
  const routes = [toRoute({ id: '1', ...first }), toRoute({ id: '2', ...second })];
  const pairs = createMatcher(routes).conflicts.map((pair) => pair.map(({ id }) => id));
  expect(pairs).toEqual(isConflict ? [['1', '2']] : []);
});

test('a match among thousands of routes takes no more look-ups than among 10', () => {
  // Prepare
  const tableOf = (count: number) =>
    createMatcher(
      Array.from({ length: count }, (_, index) =>
        toRoute({
          id: `${index}`,
          uri: `/service-${index}/:id/*`,
          hosts: [`h${index}.example.com`, ''],
        }),
      ),
    );
  const countLookUps = (matcher: ReturnType<typeof createMatcher>) => {
    const get = jest.spyOn(Map.prototype, 'get');
    matcher.match(toRequest({ path: '/service-7/x/y/z', host: 'h7.example.com' }));
    const calls = get.mock.calls.length;
    get.mockRestore();
    return calls;
  };

  // Act
  const few = countLookUps(tableOf(10));
  const many = countLookUps(tableOf(isWhole ? 10_000 : 2000));

  // Assess
  expect(many).toBe(few);
});
