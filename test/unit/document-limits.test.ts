import { compile, documentOf, issuesOf } from '../support/documents.ts';

const names = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

test.each<[string, unknown]>([
  [
    'hundreds of pairs of host and path in each route of an array',
    names(15, 'r').map((id) =>
      documentOf({ id, uri: undefined, hosts: names(40, 'h'), uris: names(40, `/${id}`) }),
    ),
  ],
  [
    'long paths under many hosts',
    documentOf({
      uri: undefined,
      hosts: names(100, 'h'),
      uris: names(19, '/p').map((path) => `${path}${'/a'.repeat(180)}`),
    }),
  ],
])('a document with %s is invalid, and says how many it has', async (_, document) => {
  expect(JSON.stringify(document).length).toBeLessThan(16_384);
  const [issue, ...others] = await issuesOf(document);
  expect(others).toEqual([]);
  expect(issue?.found).toMatch(/^\d+ with those before$/);
  expect(issue?.expected).toMatch(/^at most \d+ (pairs|segments) .*in one document/);
});

test('a document that fills 8 KB with paths, or has 2,000 pairs of host and path, is valid', async () => {
  const uris = names(20, '/p').map((path) => `${path}${'/a'.repeat(195)}`);
  expect((await compile(documentOf({ uri: undefined, uris }))).routes).toHaveLength(1);
  const pairs = { uri: undefined, hosts: names(50, 'h'), uris: names(40, '/p') };
  expect((await compile(documentOf(pairs))).routes).toHaveLength(1);
});

test.each<[string, (count: number) => unknown]>([
  [
    'unknown plugins',
    (count) => documentOf({ plugins: Object.fromEntries(names(count, 'p').map((p) => [p, {}])) }),
  ],
  ['routes that are none', (count) => names(count, 'r')],
  ['routes with a wrong field', (count) => names(count, 'r').map((id) => documentOf({ id, x: 1 }))],
])('the issues of a document are at most twenty: %s', async (_, documentWith) => {
  const few = await issuesOf(documentWith(5));
  const many = await issuesOf(documentWith(1000));
  expect(few).toHaveLength(5);
  expect(many).toHaveLength(20);
  expect(many.slice(0, 5).map(({ pointer }) => pointer)).toEqual(few.map(({ pointer }) => pointer));
});

test('the issues of a consumer are at most twenty', async () => {
  const plugins = Object.fromEntries(names(1000, 'p').map((p) => [p, {}]));
  expect(await issuesOf({ username: 'a', plugins }, { kind: 'consumer' })).toHaveLength(20);
});
