import { judgeRoutes } from '../../cli/explain/candidates.ts';
import { toRequest, toRoute } from '../support/builders.ts';

type RouteParts = Parameters<typeof toRoute>[0];

function judge(routes: readonly RouteParts[], request: Parameters<typeof toRequest>[0]) {
  return judgeRoutes(routes.map(toRoute), toRequest(request)).map(({ route, verdict, reason }) => [
    route.id,
    verdict,
    reason,
  ]);
}

const pathsOf = (path: string, ...uris: string[]) =>
  judgeRoutes(
    uris.map((uri) => toRoute({ id: uri, uri })),
    toRequest({ path }),
  ).map(({ route }) => route.id);

it.each([
  ['/hello/', ['/a', '/aws/*', '/hello', '/hell/o/x'], '/hello'],
  ['/svc77', ['/svc1', '/svc7', '/other'], '/svc7'],
  ['/svc77', ['/zzz77', '/svc7'], '/svc7'],
  ['/awz/any/path', ['/any/path', '/aws/*'], '/aws/*'],
  ['/usrs/7', ['/a/b', '/users/:id', '/orders/:id'], '/users/:id'],
  ['/users', ['/abcde', '/users/:id'], '/users/:id'],
  ['/a%2fb', ['/a/c/d', '/a%2Fc'], '/a%2Fc'],
])('of other paths than %s the most similar one comes first, of %j', (path, uris, nearest) => {
  expect(pathsOf(path, ...uris)[0]).toBe(nearest);
});

const users = { id: 'users', uri: '/users/:id' };

describe('a single route', () => {
  it.each<[string, RouteParts, Parameters<typeof toRequest>[0], string, string]>([
    ['serves', users, { path: '/users/7' }, 'serves', '/users/:… fits, any method'],
    [
      'has another path',
      { ...users, uris: ['/users/:id', '/people'] },
      { path: '/orders' },
      'path',
      'its path is /users/:…, /people',
    ],
    [
      'has another host',
      { ...users, hosts: ['a.example', '*.b.example'] },
      { path: '/users/7', host: 'c.example' },
      'host',
      'its host is a.example, *.b.example, not c.example',
    ],
    [
      'wants a host, and the request names none',
      { ...users, hosts: ['a.example'] },
      { path: '/users/7', host: '' },
      'host',
      'its host is a.example, the request names none',
    ],
    [
      'takes other methods',
      { ...users, methods: ['GET', 'PUT'] },
      { path: '/users/7', method: 'POST' },
      'method',
      'it takes GET, PUT, not POST',
    ],
    [
      'is disabled',
      { ...users, isEnabled: false },
      { path: '/users/7' },
      'disabled',
      'it would fit, but is disabled (status 0)',
    ],
    [
      'is disabled and would not fit either',
      { ...users, isEnabled: false },
      { path: '/orders' },
      'path',
      'its path is /users/:…',
    ],
    [
      'serves by one of its hosts and methods',
      { ...users, hosts: ['*.b.example'], methods: ['GET', 'PUT'] },
      { path: '/users/7', host: 'x.b.example:8443' },
      'serves',
      '/users/:… on host *.b.example fits, GET, PUT',
    ],
  ])('%s', (_, route, request, verdict, reason) => {
    expect(judge([route], request)).toEqual([['users', verdict, reason]]);
  });
});

describe('of two routes that fit, the reason is what decides between them', () => {
  const request = { path: '/a/b', host: 'x.example' };

  it.each<[string, RouteParts, RouteParts, string]>([
    ['priority', { uri: '/*', priority: 2 }, { uri: '/a/b' }, 'priority 0; w wins with priority 2'],
    [
      'an exact host',
      { uri: '/*', hosts: ['x.example'] },
      { uri: '/a/b', hosts: ['*.example'] },
      'host *.example; w wins with host x.example',
    ],
    [
      'any host',
      { uri: '/*', hosts: ['*.example'] },
      { uri: '/a/b' },
      'no host; w wins with host *.example',
    ],
    [
      'the longer literal path',
      { uri: '/a/b*' },
      { uri: '/a*' },
      '2 literal characters in /a*; w wins with 4 literal characters in /a/b*',
    ],
    [
      'exactness',
      { uri: '/a/b' },
      { uri: '/a/b*' },
      'a prefix (/a/b*); w wins with an exact path (/a/b)',
    ],
    [
      'the order of names',
      { uri: '/a/b' },
      { uri: '/a/b' },
      'it has the same host, path and priority as w, whose name comes first',
    ],
  ])('%s', (_, winner, loser, reason) => {
    const [first, second] = judge(
      [
        { ...winner, id: 'w' },
        { ...loser, id: 'l' },
      ],
      request,
    );

    expect(first?.slice(0, 2)).toEqual(['w', 'serves']);
    expect(second?.slice(0, 2)).toEqual(['l', 'precedence']);
    expect(second?.[2]).toBe(reason);
  });
});

it('puts the route that serves first, then the nearest misses', () => {
  const routes = [
    { id: 'far', uri: '/other' },
    { id: 'off', uri: '/a', isEnabled: false },
    { id: 'method', uri: '/a', methods: ['PUT'], priority: 9 },
    { id: 'loser', uri: '/*' },
    { id: 'host', uri: '/a', hosts: ['h.example'] },
    { id: 'winner', uri: '/a' },
  ];

  expect(judge(routes, { path: '/a', host: 'x.example' }).map(([id]) => id)).toEqual([
    'winner',
    'loser',
    'off',
    'method',
    'host',
    'far',
  ]);
});
