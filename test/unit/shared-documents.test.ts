/** What a document of shared objects may hold, and what is made of it. */
import { mayLink } from '../../functions/proxy/routes/shared/links.ts';
import { parseShared } from '../../functions/proxy/routes/shared/parse-shared.ts';
import { findSplitLinks } from '../../functions/proxy/routes/shared/split-links.ts';
import { thrownBy } from '../support/builders.ts';
import { compileAnyway, functionUri, issuesOf } from '../support/documents.ts';

const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);

describe('a document of shared objects', () => {
  const parse = (document: unknown) =>
    parseShared(document, { kind: 'service', parameter: '/services/a' });
  const plugins = {};

  test('gives each of them its id and digest', () => {
    expect(parse({ plugins })).toMatchObject([{ id: 'a', pointer: '', digest: sha256 }]);
    expect(
      parse([
        { id: 1, plugins },
        { id: 'b', plugins },
      ]).map(({ id }) => id),
    ).toEqual(['1', 'b']);
  });

  test.each([
    [
      [
        { id: 1, plugins },
        { id: '1', plugins },
      ],
      '/1/id',
    ],
    [[{ plugins }], '/0/id'],
    [JSON.parse('{"plugins":{"cors":{"constructor":1}}}'), '/plugins/cors/constructor'],
  ])('that is %j is malformed at %s', (document, pointer) => {
    expect(thrownBy(() => parse(document))).toMatchObject({ issues: [{ pointer }] });
  });

  const upstream = { 'aws-lambda': { function_uri: functionUri } };
  test.each([
    ['consumer_group', upstream, '/plugins/aws-lambda', 'a plugin for consumers: '],
    ['global_rule', upstream, '/plugins/aws-lambda', 'a plugin for all requests: '],
    ['consumer_group', { 'key-auth': {} }, '/plugins/key-auth', 'credentials belong to one'],
  ] as const)('as a %s has no %j', async (kind, own, pointer, words) => {
    const issues = await issuesOf({ plugins: own }, { kind });

    expect(issues).toEqual([
      { pointer, found: expect.anything(), expected: expect.stringContaining(words) },
    ]);
  });

  const compile = (kind: 'service' | 'global_rule' | 'consumer_group', own: object) =>
    compileAnyway({ plugins: own }, { kind });
  const authority = { 'forward-auth': { uri: functionUri } };
  test.each([
    ['service', upstream, 0, undefined],
    ['service', authority, 0, undefined],
    ['consumer_group', { cors: {} }, 0, undefined],
    ['global_rule', authority, 1, true],
    ['global_rule', { 'key-auth': {} }, 0, true],
    ['global_rule', { cors: {} }, 0, false],
  ] as const)(
    'as a %s of %j has %d pools, and is a guard: %s',
    async (kind, own, count, isGuard) => {
      const { shared = [], pools } = await compile(kind, own);

      expect([pools.length, shared[0]?.isGuard, shared[0]?.isAvailable]).toEqual([
        count,
        isGuard,
        true,
      ]);
    },
  );

  test('as a global rule that lacks something is not available', async () => {
    const { shared, missing } = await compile('global_rule', { csrf: { key: '$secret://ssm/no' } });

    expect(shared).toMatchObject([
      {
        isAvailable: false,
        missing,
        reason: expect.stringMatching(/^something that \/plugins\/csrf/),
      },
    ]);
    expect(missing).toHaveLength(1);
  });
});

const toSplit = (...ids: unknown[]) => ({
  'traffic-split': { rules: [{ weighted_upstreams: ids.map((upstream_id) => ({ upstream_id })) }] },
});

test.each<[unknown, string[]]>([
  [toSplit('a', 7, null, undefined, {}), ['a 0/weighted_upstreams/0', '7 0/weighted_upstreams/1']],
  [
    { 'traffic-split': { rules: [{}, ...toSplit('b')['traffic-split'].rules] } },
    ['b 1/weighted_upstreams/0'],
  ],
  [{ 'traffic-split': { rules: 7 } }, []],
  [{ 'traffic-split': null }, []],
  [{ cors: {} }, []],
  [undefined, []],
])('the traffic-split of %j names: %j', (plugins, expected) => {
  const links = findSplitLinks({ plugins });

  expect(links.map(({ id, pointer }) => `${id} ${pointer}`)).toEqual(
    expected.map((each) => `${each.replace(' ', ' /plugins/traffic-split/rules/')}/upstream_id`),
  );
});

test.each([
  [{}, false],
  [{ plugins: { cors: {} } }, false],
  [{ plugins: { 'traffic-split': {} } }, true],
  [{ service_id: 's' }, true],
])('%j may name a shared object: %s', (item, expected) => {
  expect(mayLink(item)).toBe(expected);
});

test.each([
  ['global_rule', ['/plugins/traffic-split/rules/0/weighted_upstreams/0/upstream_id']],
  ['service', []],
] as const)(
  'of a %s that names an upstream in its traffic-split is malformed: %j',
  async (kind, pointers) => {
    const issues = await issuesOfAny({ plugins: toSplit('a') }, kind);

    expect(issues).toEqual(
      pointers.map((pointer) => expect.objectContaining({ pointer, found: '"a"' })),
    );
  },
);

test('a plugin of a service takes the upstreams that it names for granted', async () => {
  const { missing, warnings } = await compileAnyway({ plugins: toSplit('a') }, { kind: 'service' });

  expect([missing, warnings]).toEqual([[], []]);
});

async function issuesOfAny(document: unknown, kind: 'service' | 'global_rule') {
  return compileAnyway(document, { kind }).then(
    () => [],
    (error: { issues: readonly unknown[] }) => error.issues,
  );
}
