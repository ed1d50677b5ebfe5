import { buildMatchIndex } from '../../functions/proxy/routes/build-match-index.ts';
import { findRow } from '../../functions/proxy/routes/match.ts';
import {
  conditionBit,
  entrySize,
  hashName,
  nodeField,
  nodeSize,
  rowField,
  rowSize,
} from '../../functions/proxy/routes/match-index.ts';
import { toRoute } from '../support/builders.ts';

const head = 3;
const count = 1;

test('an index without routes is its head and one node', () => {
  const { index } = buildMatchIndex([]);

  expect([...index.words]).toEqual([head, 0, 0, ...Array(nodeSize).fill(0)]);
});

test('what a node does not have takes no place', () => {
  const { index } = buildMatchIndex([toRoute({ uri: '/a' })]);

  // The root, the host and the segment, with a row for each of the last two, and one entry.
  const nodes = 3 * nodeSize + 2 * (count + rowSize);
  expect(index.words).toHaveLength(head + nodes + count + entrySize);
});

test('a segment that many paths have is stored once', () => {
  const { index } = buildMatchIndex([toRoute({ uris: ['/same/same', '/other/same'] })]);

  expect(index.names).toBe('sameother');
});

test('a name that is stored already is found where it stands', () => {
  const { index } = buildMatchIndex([
    toRoute({ uris: ['/first/a', '/second/a', '/second/second'] }),
  ]);
  const at = (parent: number, name: string) =>
    findRow(index, index.words[parent + nodeField.literals] ?? 0, { name, hash: hashName(name) });
  const host = at(index.words[0] ?? 0, '');

  expect(at(at(host, 'second'), 'second')).toBeGreaterThan(0);
});

test('only a route with conditions is marked as one', () => {
  const condition = '{"vars":[]}';
  const [plain, marked] = [toRoute({ uri: '/a' }), toRoute({ uri: '/a', condition })].map(
    (route) => [...buildMatchIndex([route]).index.words],
  );

  expect(plain?.map((word, at) => word ^ (marked?.[at] ?? 0)).filter(Boolean)).toEqual([
    conditionBit,
  ]);
});

test('documents are found by their name: the place of each, plus one', () => {
  const { index } = buildMatchIndex([], ['/routes/a', '/routes/b']);
  const table = index.words[2] ?? 0;
  const targets = ['/routes/a', '/routes/b'].map((name) =>
    findRow(index, table, { name, hash: hashName(name) }),
  );

  expect(targets).toEqual([1, 2]);
});

test('longer beginnings of a segment stand before shorter ones, whatever comes first', () => {
  const routes = [
    toRoute({ uri: '/ab*', priority: 1 }),
    toRoute({ uri: '/abcd*' }),
    toRoute({ uri: '/a*', priority: 2 }),
  ];
  const { words } = buildMatchIndex(routes).index;
  // The only child of the root is the host; its node has the partials.
  const row = (words[(words[0] ?? 0) + nodeField.literals] ?? 0) + count;
  const partials = words[(words[row + rowField.target] ?? 0) + nodeField.partials] ?? 0;

  expect([...words.slice(partials, partials + 4)]).toEqual([3, 4, 2, 1]);
});

test('routes that begin with the same part of a segment are all kept', () => {
  const routes = [
    toRoute({ uri: '/ab*', methods: ['GET'] }),
    toRoute({ uri: '/ab*', methods: ['PUT'] }),
  ];
  const two = buildMatchIndex(routes).index.words.length;
  const one = buildMatchIndex(routes.slice(1)).index.words.length;

  expect(two - one).toBe(entrySize);
});
