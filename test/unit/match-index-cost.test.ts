import { buildMatchIndex } from '../../functions/proxy/routes/build-match-index.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import { toRoute } from '../support/builders.ts';

/** @returns routes, and how often anybody has looked at the priority of one of them */
const countReads = (count: number, partsOf: (index: number) => Parameters<typeof toRoute>[0]) => {
  let reads = 0;
  const routes = Array.from({ length: count }, (_, index): Route => {
    const route = toRoute({ id: `r${index}`, ...partsOf(index) });
    const { priority } = route;
    return Object.defineProperty(route, 'priority', {
      get() {
        reads += 1;
        return priority;
      },
    });
  });
  buildMatchIndex(routes);
  return reads;
};

test.each<[string, (index: number) => Parameters<typeof toRoute>[0]]>([
  ['of one place', () => ({ uri: '/a' })],
  ['of one place, each with a priority of its own', (index) => ({ uri: '/a', priority: index })],
  ['with names of its own for one parameter', (index) => ({ uri: `/:p${index}` })],
])('the index of twice as many routes %s takes about twice the steps', (_, partsOf) => {
  const few = countReads(1000, partsOf);
  const many = countReads(2000, partsOf);
  expect(few).toBeGreaterThan(0);
  expect(many / few).toBeLessThan(2.5);
});

test('one route with very many spellings of one path is no rival of itself, and takes one entry', () => {
  const uris = Array.from({ length: 1000 }, (_, index) => `/:p${index}`);
  const one = buildMatchIndex([toRoute({ uri: '/:p' })]);
  const { index, conflicts } = buildMatchIndex([toRoute({ uris })]);
  expect(conflicts).toEqual([]);
  expect(index.words).toHaveLength(one.index.words.length);
});

test('the first route before it with a method in common is the rival, however many there are', () => {
  const methods = [['GET'], ['POST'], ['GET'], ['GET', 'POST'], ['PUT'], ['PUT', 'POST']];
  const routes = methods.map((list, index) =>
    toRoute({ id: `${index}`, uri: '/a', methods: list }),
  );
  const { conflicts } = buildMatchIndex(routes);
  expect(conflicts.map(([winner, loser]) => `${loser.id} loses to ${winner.id}`)).toEqual([
    '2 loses to 0',
    '3 loses to 0',
    '5 loses to 1',
  ]);
});
