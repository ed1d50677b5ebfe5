/** Small decisions about shared objects: keys, links, and what is inherited. */
import type { GatheringContext } from '../../functions/proxy/routes/prepare.ts';
import { toBarrier } from '../../functions/proxy/routes/shared/barrier.ts';
import {
  followLinks,
  readInherited,
  readWithheldHeaders,
} from '../../functions/proxy/routes/shared/inherit.ts';
import {
  createPrepareInherited,
  toInheritedIssue,
} from '../../functions/proxy/routes/shared/inherited-issue.ts';
import { followLinks as followLoaded } from '../../functions/proxy/routes/shared/links.ts';
import {
  createSharedSource,
  describeLinked,
  findLinks,
  isGlobalRule,
  nothingShared,
  parseLinked,
  parseSharedKey,
  type SharedObject,
} from '../../functions/proxy/routes/shared/shared-object.ts';
import { toUnavailableObject } from '../../functions/proxy/routes/unavailable.ts';
import { thrownBy } from '../support/builders.ts';

const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
const toObject = (parts: Partial<SharedObject> = {}): SharedObject => ({
  ...{ kind: 'service', id: 'a', parameter: '/services/a', pointer: '', isAvailable: true },
  ...{ document: { plugins: {} }, digest: 'd', plugins: [], ...parts },
});
const all = { group_id: 'g', plugin_config_id: 1, upstream_id: 'u', service_id: 's' };

test('each field that names an object has its kind, nearest first', () => {
  expect(
    findLinks({})
      .concat(findLinks(all))
      .map(({ field, kind, id }) => [field, kind, id]),
  ).toEqual([
    ['group_id', 'consumer_group', 'g'],
    ['plugin_config_id', 'plugin_config', '1'],
    ['upstream_id', 'upstream', 'u'],
    ['service_id', 'service', 's'],
  ]);
});

test('a key has a kind and an id', () => {
  expect(parseSharedKey('service/a')).toEqual({ kind: 'service', id: 'a' });
  expect(parseSharedKey('service')).toEqual({ kind: 'service', id: '' });
  expect([isGlobalRule('global_rule/a'), isGlobalRule('service/a')]).toEqual([true, false]);
});

test('of two objects with one key the first is found', () => {
  const [first, second] = [toObject(), toObject({ digest: 'other' })];

  expect(createSharedSource([first, second]).find('service', 'a')).toBe(first);
  expect(createSharedSource([])).toBe(nothingShared);
});

test('what a document names is told as text, and read again', () => {
  const source = createSharedSource([toObject()]);
  const assumed = { find: () => 'assumed' as const };
  const text = describeLinked(['service/a', 'service/b'], source);

  expect(JSON.parse(text)).toEqual([['service/a', '/services/a', 'd'], ['service/b']]);
  expect(parseLinked(text)).toEqual({ 'service/a': '/services/a', 'service/b': null });
  expect(describeLinked(['service/a'], assumed)).toBe('[["service/a"]]');
  expect([describeLinked(undefined, source), describeLinked([], source), parseLinked('')]).toEqual([
    ...['', '', undefined],
  ]);
});

test.each([
  ['', '(/services/a at the top)'],
  ['/plugins', '(/services/a at /plugins)'],
])('a fault at "%s" of another document names it', (pointer, words) => {
  const from = { parameter: '/services/a', pointer: '/service_id' };
  const issue = toInheritedIssue({ pointer, found: 'x', expected: 'y' }, from);

  expect(issue).toEqual({
    ...{ pointer: '/service_id', found: 'x', expected: `y ${words}`, isUnfulfilled: true },
  });
});

test('a bug in an inherited plugin is no fault of a document', () => {
  const bug = new TypeError('a bug');
  const prepare = createPrepareInherited({ parameter: '/services/a', pointer: '/service_id' });
  const fail = () => {
    throw bug;
  };

  expect(thrownBy(() => prepare({} as never, fail))).toBe(bug);
});

test('a global rule that has never been valid stands in the way of all requests', () => {
  const { shared, ...document } = toBarrier({ name: '/root/global_rules/ab' } as never, 'why');

  expect(document).toMatchObject({
    ...{ parameter: '/root/global_rules/ab', version: 0, text: '', linked: '', digest: sha256 },
    ...{ routes: [], consumers: [], missing: [], withheld: [], pools: [], patternSteps: 0 },
  });
  expect(shared).toEqual([
    toUnavailableObject(
      toObject({
        ...{ kind: 'global_rule', id: 'ab', parameter: '/root/global_rules/ab', digest: 'barrier' },
      }),
      'why',
    ),
  ]);
});

describe('links', () => {
  const follow = (item: object, objects: readonly SharedObject[], links?: readonly string[]) => {
    const gathered = { links } as GatheringContext['gathered'];
    const context = { shared: createSharedSource(objects), gathered } as GatheringContext;
    const followed = followLinks(item, '/0', context);
    if (!followed) throw new Error('nothing is named');
    return { ...followed, links: gathered.links };
  };

  test('lead to objects, and from a service to its upstream', () => {
    const service = toObject({ document: { plugins: {}, upstream_id: 'u' } });
    const upstream = toObject({ kind: 'upstream', id: 'u' });
    const known = ['service/z'];
    const { layers, missing, isAssumed, links } = follow(
      { service_id: 'a' },
      [service, upstream],
      known,
    );

    expect(layers).toEqual([
      { object: service, pointer: '/0/service_id' },
      { object: upstream, pointer: '/0/service_id' },
    ]);
    expect([missing, isAssumed, links]).toEqual([
      [],
      false,
      ['service/z', 'service/a', 'upstream/u'],
    ]);
  });

  test('that lead nowhere are missing, each in its words', () => {
    const reason = 'why';
    const off = toObject({ isAvailable: false, reason });
    const { missing } = follow({ group_id: 'g', upstream_id: 'u', service_id: 'a' }, [off]);

    expect(
      missing.map(({ pointer, found, isUnfulfilled }) => [pointer, found, isUnfulfilled]),
    ).toEqual([
      ['/0/group_id', '"g"', true],
      ['/0/upstream_id', '"u"', true],
      ['/0/service_id', '"a"', true],
    ]);
    expect(missing.map(({ expected }) => expected)).toEqual([
      'a consumer group g: no valid document in consumer_groups/ has this id',
      'an upstream u: no valid document in upstreams/ has this id',
      'a service a that is available: why',
    ]);
  });

  const toSplit = (id: string) => ({
    'traffic-split': { rules: [{ weighted_upstreams: [{ upstream_id: id }] }] },
  });
  const share = '/plugins/traffic-split/rules/0/weighted_upstreams/0/upstream_id';

  test('of a traffic-split lead to upstreams that are no layers', () => {
    const service = toObject({ document: { plugins: toSplit('v') } });
    const upstream = toObject({ kind: 'upstream', id: 'u' });
    const item = { service_id: 'a', plugins: toSplit('u') };
    const { layers, missing, links } = follow(item, [service, upstream]);

    expect(layers).toEqual([{ object: service, pointer: '/0/service_id' }]);
    expect(links).toEqual(['service/a', 'upstream/u', 'upstream/v']);
    expect(missing).toMatchObject([{ pointer: '/0/service_id', found: '"v"' }]);
    const off = { ...upstream, isAvailable: false };
    expect(follow({ plugins: toSplit('u') }, [off]).missing).toMatchObject([
      {
        pointer: `/0${share}`,
        found: '"u"',
        expected: expect.stringMatching(/^an upstream u that/),
      },
    ]);
    expect(follow({ plugins: toSplit('u') }, []).missing).toHaveLength(1);
  });

  test('of a traffic-split may lead to what is not known here', () => {
    const context = { shared: { find: () => 'assumed' as const }, gathered: {} } as unknown;
    const followed = followLinks({ plugins: toSplit('u') }, '', context as GatheringContext);

    expect(followed).toMatchObject({ missing: [], keys: ['upstream/u'] });
    expect(followLinks({ plugins: {} }, '', context as GatheringContext)).toBeUndefined();
  });

  test('that lead to what is not available keep the headers of its plugins from clients', () => {
    const plugins = { known: { names: ['x-a'], _meta: {} }, unknown: {} };
    const off = toObject({ isAvailable: false, document: { plugins } });
    const { withheld = [] } = follow({ service_id: 'a', plugin_config_id: 'b' }, [off]);
    const known = { readNames: (config: object) => ({ identityHeaders: Object.keys(config) }) };
    const context = { plugins: { get: (name: string) => (name === 'known' ? known : undefined) } };

    expect(withheld).toEqual([plugins]);
    expect(readWithheldHeaders({ withheld } as never, context as never)).toEqual(['names']);
  });

  test('may lead to what is not known here', () => {
    const context = { shared: { find: () => 'assumed' as const }, gathered: {} } as unknown;

    expect(followLinks({ service_id: 'a' }, '', context as GatheringContext)).toMatchObject({
      ...{ layers: [], missing: [], isAssumed: true, keys: ['service/a'] },
    });
  });

  test('are followed by code that is loaded for them', () => {
    expect(followLoaded({}, '', {} as never)).toBeUndefined();
    expect(() => followLoaded({ service_id: 'a' }, '', {} as never)).toThrow('was not loaded');
  });
});

describe('plugins of shared objects', () => {
  const from = { parameter: '/services/a', pointer: '/service_id' };
  const named = (names: readonly string[]) =>
    toObject({ document: { plugins: Object.fromEntries(names.map((name) => [name, {}])) } });
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
  interface Reading {
    readonly inherited?: number;
    readonly get?: () => undefined;
    readonly patternSteps?: number;
  }
  const read = (
    names: readonly string[],
    { inherited, get = () => undefined, patternSteps = 0 }: Reading = {},
  ) => {
    const gathered = {
      ...{ pools: [], warnings: [], substituted: [], patternSteps },
      ...(inherited === undefined ? {} : { inherited }),
    };
    const context = { gathered, issues: [], plugins: { get, names: ['cors'] } } as unknown;
    const layers = [{ object: named(names), pointer: '/service_id' }];
    const followed = { layers, keys: [], missing: [], withheld: [], isAssumed: false };
    const { missing } = readInherited(followed, { own: {} }, context as GatheringContext);
    return { missing, gathered, issues: (context as GatheringContext).issues };
  };

  test('that there are not are what the route lacks, and no fault of its document', () => {
    const { missing, issues, gathered } = read(['own', 'no']);
    const unknown = { pointer: '/plugins/no', found: 'an unknown plugin', expected: 'one of cors' };

    expect(missing).toEqual([toInheritedIssue(unknown, from)]);
    expect([issues, gathered]).toMatchObject([[], { inherited: 1 }]);
  });

  test('have as many faults as a person corrects at once', () => {
    expect(read(numbered(25)).missing).toHaveLength(20);
  });

  test('have one more fault where the expressions before were too large', () => {
    expect(read(['p', 'q'], { patternSteps: 20_001 }).missing).toHaveLength(1);
  });

  test('that fail by a bug end the reading', () => {
    const bug = new TypeError('a bug');
    const get = () => {
      throw bug;
    };

    expect(thrownBy(() => read(['p'], { get }))).toBe(bug);
  });

  test.each<[number, string[], RegExp[]]>([
    [999, ['p'], [/one of cors/]],
    [1000, ['p'], [/at most 1000 plugins/]],
    [1001, ['own'], []],
  ])('are a thousand in one document: behind %d come %j', (inherited, names, expected) => {
    const { missing } = read(names, { inherited });

    expect(missing.map((issue) => issue.expected)).toEqual(
      expected.map((words) => expect.stringMatching(words)),
    );
    expect(missing.every(({ isUnfulfilled }) => isUnfulfilled)).toBe(true);
  });
});
