/** What a document of shared objects may hold, and what is made of it. */
import { parseShared } from '../../functions/proxy/routes/shared/parse-shared.ts';
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
