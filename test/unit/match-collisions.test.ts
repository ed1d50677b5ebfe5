import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import { findRow } from '../../functions/proxy/routes/match.ts';
import { hashName, rowSize } from '../../functions/proxy/routes/match-index.ts';
import { codeThrownBy, toRequest, toRoute } from '../support/builders.ts';

/** Names with one hash, known for FNV-1a; the index reads names backwards. */
const backwards = (name: string) => [...name].reverse().join('');
const twins = [
  [backwards('costarring'), backwards('liquid')],
  [backwards('declinate'), backwards('macallums')],
  [backwards('altarage'), backwards('zinke')],
] as const;
const hostTwins = ['h02nfd9s.example.com', 'h0c6arhp.example.com'] as const;

test.each([...twins, hostTwins])('%s and %s have one hash', (one, other) => {
  expect(hashName(one)).toBe(hashName(other));
});

test.each([...twins, hostTwins])('of %s and %s, each leads to its own route', (one, other) => {
  const matcher = createMatcher([one, other].map((name) => toRoute({ id: name, uri: `/${name}` })));
  const idOf = (path: string) => matcher.match(toRequest({ path })).route.id;

  expect([idOf(`/${one}`), idOf(`/${other}`)]).toEqual([one, other]);
});

test.each([...twins, hostTwins])('%s leads to its route, and %s to none', (one, other) => {
  const match = (path: string) => () =>
    createMatcher([toRoute({ uri: `/${one}` })]).match(toRequest({ path }));

  expect(match(`/${one}`)).not.toThrow();
  expect(codeThrownBy(match(`/${other}`))).toBe('NO_ROUTE');
});

test('hosts with one hash have routes of their own, and a path of one is not found on the other', () => {
  const matcher = createMatcher(hostTwins.map((host) => toRoute({ id: host, hosts: [host] })));
  const alone = createMatcher([toRoute({ hosts: [hostTwins[0]] })]);
  const idOf = (host: string) => matcher.match(toRequest({ host })).route.id;

  expect(hostTwins.map(idOf)).toEqual(hostTwins);
  expect(codeThrownBy(() => alone.match(toRequest({ host: hostTwins[1] })))).toBe('NO_ROUTE');
});

test('a row is found by its whole name, and behind others with its hash', () => {
  const rows = [
    [-5, 0, 1, 90],
    [7, 0, 2, 91],
    [7, 0, 3, 92],
    [7, 1, 2, 93],
    [9, 0, 3, 94],
  ];
  const words = Int32Array.from([0, rows.length, ...rows.flat(), 7, 0, 3, 99]);
  const find = (name: string, hash: number) => findRow({ words, names: 'abc' }, 1, { name, hash });

  expect(rowSize).toBe(4);
  expect(['ab', 'abc', 'bc'].map((name) => find(name, 7))).toEqual([91, 92, 93]);
  expect([find('a', -5), find('abc', 9)]).toEqual([90, 94]);
  expect([find('ac', 7), find('abc', 8), find('abc', 10), find('a', -9)]).toEqual([0, 0, 0, 0]);
});

test('what stands behind a table is no row of it', () => {
  const words = Int32Array.from([0, 1, 5, 0, 1, 90, 5, 1, 1, 91]);

  expect(findRow({ words, names: 'ab' }, 1, { name: 'b', hash: 5 })).toBe(0);
});

test('where there is no table, there is no row', () => {
  const words = Int32Array.from([1, 5, 0, 1, 90]);

  expect(findRow({ words, names: 'a' }, 0, { name: 'a', hash: 5 })).toBe(0);
});
