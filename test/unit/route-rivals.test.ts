/** Which routes take requests from each other, and the paths that routes may have. */
import {
  byPrecedence,
  createRivalFinder,
  type Place,
} from '../../functions/proxy/routes/precedence.ts';
import type { RoutePlace } from '../../functions/proxy/routes/route.ts';
import { findInvalidUri, parseUri } from '../../functions/proxy/routes/uri.ts';

interface Own extends RoutePlace {
  readonly id: string;
}

type Step = readonly [id: string, methods: number, priority?: number, condition?: string];

/** Tells of the steps in order: one route for each id. @returns for each its rival, and whether it is covered */
function findRivals(steps: readonly Step[], host = '') {
  const routes = new Map<string, Own>();
  const tell = createRivalFinder<Own>();
  return steps.map(([id, methods, priority = 0, condition]) => {
    const made = { id, priority, uris: [], hosts: [], methods: undefined, condition };
    const route = routes.get(id) ?? (made as unknown as Own);
    routes.set(id, route);
    const { rival, isCovered } = tell({ route, host, uri: parseUri('/a') }, methods);
    return [rival?.id, isCovered];
  });
}

test.each<[string, readonly Step[], readonly (readonly [string | undefined, boolean])[]]>([
  [
    'routes for all methods',
    [
      ['a', 0],
      ['b', 0],
    ],
    [
      [undefined, false],
      ['a', true],
    ],
  ],
  [
    'a route for all methods behind one for some, and before',
    [
      ['a', 1],
      ['b', 0],
      ['c', 2],
    ],
    [
      [undefined, false],
      ['a', false],
      ['b', true],
    ],
  ],
  [
    'routes with methods in common, of which one has all of the other',
    [
      ['a', 3],
      ['b', 1],
      ['c', 6],
      ['d', 4],
    ],
    [
      [undefined, false],
      ['a', true],
      ['a', false],
      ['c', true],
    ],
  ],
  [
    'routes without methods in common',
    [
      ['a', 1],
      ['b', 2],
    ],
    [
      [undefined, false],
      [undefined, false],
    ],
  ],
  [
    'routes of other priorities, which are covered and no rivals',
    [
      ['a', 1, 9],
      ['b', 2, 5],
      ['c', 1, 5],
    ],
    [
      [undefined, false],
      [undefined, false],
      [undefined, true],
    ],
  ],
  [
    'three routes of one priority behind two of another',
    [
      ['a', 1, 9],
      ['b', 1, 9],
      ['c', 1, 5],
      ['d', 1, 5],
    ],
    [
      [undefined, false],
      ['a', true],
      [undefined, true],
      ['c', true],
    ],
  ],
  [
    'a route that comes again, which is no rival of itself',
    [
      ['a', 1],
      ['a', 1],
      ['b', 1],
      ['a', 1],
    ],
    [
      [undefined, false],
      [undefined, true],
      ['a', true],
      ['b', true],
    ],
  ],
  [
    'routes with a condition, and those without one',
    [
      ['a', 1, 0, 'x'],
      ['b', 1, 0, 'y'],
      ['c', 1, 0, 'x'],
      ['d', 1],
      ['e', 1, 0, 'z'],
    ],
    [
      [undefined, false],
      [undefined, false],
      ['a', true],
      [undefined, false],
      ['d', true],
    ],
  ],
])('of %s', (_, steps, expected) => {
  expect(findRivals(steps)).toEqual(expected);
});

test('of two exact hosts none goes before the other, and of two wildcards the longer one', () => {
  const toPlace = (host: string) =>
    ({ route: { priority: 0 }, host, uri: parseUri('/a') }) as unknown as Place<RoutePlace>;
  const compare = (one: string, other: string) => byPrecedence(toPlace(one), toPlace(other));

  expect(compare('a.example', 'longer.example')).toBe(0);
  expect(compare('*.example', '*.a.example')).toBeGreaterThan(0);
  expect(compare('*.a.example', '*.example')).toBeLessThan(0);
});

test.each([
  ['/a'.repeat(200), undefined],
  ['/a'.repeat(201), 'a path of at most 200 segments'],
  ['/a%*', 'whole percent-encoded bytes before the *'],
  ['/a%4*', 'whole percent-encoded bytes before the *'],
  ['/a%41*', undefined],
])('of the path %.12s… %#', (uri, expected) => {
  expect(findInvalidUri(uri)).toBe(expected);
});

test.each([
  ['/users/:id', 7, '[false,"users",null]'],
  ['/:a/b/*', 4, '[true,null,"b",""]'],
  ['/', 1, '[false,""]'],
])('the path %s has %d literal characters, and the shape %s', (uri, literalLength, shape) => {
  expect(parseUri(uri)).toMatchObject({ literalLength, shape });
});
