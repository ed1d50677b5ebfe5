/** Which upstream traffic-split chooses. */
import { trafficSplit } from '../../../functions/proxy/plugins/traffic/traffic-split.ts';
import {
  rejectionOf,
  toExchange,
  toRequest,
  toResponse,
  toServices,
} from '../../support/builders.ts';
import { compile, documentOf, issuesOf } from '../../support/documents.ts';
import { runPlugin, toConsumer } from '../../support/plugin-rig.ts';

const node = (name: string) => ({ scheme: 'https', name, nodes: { [`${name}.shop.example`]: 1 } });
const services = () => toServices({ allowedHosts: '*.shop.example' });

/** A function that says for each request whether another upstream than the route's own is chosen. */
function prepare(rules: readonly unknown[]) {
  const config = { rules };
  const context = { pointer: '/plugins/traffic-split', written: config };
  const { middleware } = trafficSplit.prepare(config, services(), context);
  return async (request: Parameters<typeof toRequest>[0] = {}) => {
    let chosen: unknown;
    await middleware(toExchange({ request: toRequest(request) }), async ({ upstream }) => {
      chosen = upstream;
      return { status: 200, headers: [], body: Buffer.alloc(0) };
    });
    return chosen;
  };
}

const run = async (ask: ReturnType<typeof prepare>, count: number) => {
  const chosen: unknown[] = [];
  for (let each = 0; each < count; each += 1) chosen.push(await ask());
  return chosen;
};

test.each([
  ['no rules', []],
  ['a rule without upstreams', [{}]],
  ['only the own upstream', [{ weighted_upstreams: [{ weight: 3 }] }]],
])('%s leave the route its own upstream', async (_, rules) => {
  expect(await run(prepare(rules), 5)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('settings without rules are valid', async () => {
  expect((await runPlugin(trafficSplit, {})).passed?.upstream).toBeUndefined();
});

test('weights divide any ten requests in a row', async () => {
  const ask = prepare([
    { weighted_upstreams: [{ upstream: node('a'), weight: 3 }, { weight: 2 }] },
  ]);
  for (let round = 0; round < 3; round += 1) {
    const chosen = await run(ask, 10);
    expect(chosen.filter((upstream) => upstream !== undefined)).toHaveLength(6);
  }
});

test('an upstream of weight 0 has no requests', async () => {
  const ask = prepare([
    { weighted_upstreams: [{ upstream: node('a'), weight: 0 }, { weight: 1 }] },
  ]);
  expect(new Set(await run(ask, 6))).toEqual(new Set([undefined]));
});

test('the first rule whose conditions hold decides; of several conditions one has to hold', async () => {
  const ask = prepare([
    {
      match: [{ vars: [['arg_v', '==', '2']] }, { vars: [['http_x_beta', '==', 'yes']] }],
      weighted_upstreams: [{ upstream: node('a') }],
    },
    { match: [{ vars: [['arg_v', '==', '3']] }], weighted_upstreams: [{ upstream: node('b') }] },
  ]);
  const [two, beta, three, none] = [
    await ask({ query: 'v=2' }),
    await ask({ headers: { 'x-beta': 'yes' } }),
    await ask({ query: 'v=3' }),
    await ask({ query: 'v=4' }),
  ];
  expect([two === beta, two === undefined, three === two, three === undefined, none]).toEqual([
    ...[true, false, false, false, undefined],
  ]);
});

test('with a hash the same value has the same upstream, in every environment', async () => {
  const rule = (weight: number) => ({
    ...{ hash_on: 'cookie', key: 'sid' },
    weighted_upstreams: [{ upstream: node('a'), weight }, { weight: 100 - weight }],
  });
  const ids = Array.from({ length: 400 }, (_, index) => `session-${index}`);
  const choose = async (weight: number) => {
    const ask = prepare([rule(weight)]);
    const chosen = await Promise.all(ids.map((id) => ask({ headers: { cookie: `sid=${id}` } })));
    return chosen.map((upstream) => upstream !== undefined);
  };

  const [once, again, more] = [await choose(20), await choose(20), await choose(40)];

  expect(again).toEqual(once);
  const share = once.filter(Boolean).length / ids.length;
  expect(share).toBeGreaterThan(0.1);
  expect(share).toBeLessThan(0.3);
  // A larger share keeps those that had the upstream before.
  expect(once.every((had, index) => !had || more[index])).toBe(true);
});

test('a hash on the consumer needs no key', async () => {
  const weighted_upstreams = [{ upstream: node('a') }, {}];
  const config = { rules: [{ hash_on: 'consumer', weighted_upstreams }] };
  const names = [...'abcdefghij', ...'abcdefghij'];
  const chosen = await Promise.all(
    names.map(async (name) => {
      const exchange = { consumer: toConsumer(name, new Map()) };
      const { passed } = await runPlugin(trafficSplit, config, { exchange });
      return passed?.upstream !== undefined;
    }),
  );

  expect(new Set(chosen).size).toBe(2);
  expect(chosen.slice(10)).toEqual(chosen.slice(0, 10));
});

test('a request that no rule is for keeps the upstream that was chosen before', async () => {
  const upstream = { call: async () => toResponse(), chosenBy: 'global_rules/a' };

  expect((await runPlugin(trafficSplit, {}, { exchange: { upstream } })).passed?.upstream).toBe(
    upstream,
  );
});

test('values have the upstreams that they had in earlier versions, by place and name', async () => {
  const unnamed = { scheme: 'https', nodes: { 'c.shop.example': 1 } };
  const ask = prepare([
    {
      ...{ hash_on: 'vars', key: 'arg_k' },
      weighted_upstreams: [{ upstream: node('a') }, { upstream: unnamed }, {}],
    },
  ]);
  const chosen = await Promise.all([...'abcdefghijklmnop'].map((k) => ask({ query: `k=${k}` })));
  const kinds = [...new Set(chosen)];

  expect(chosen.map((each) => kinds.indexOf(each)).join('')).toBe('0112010002220221');
});

describe('the turns of', () => {
  const load = (weight: number, own = services()) => {
    const weighted_upstreams = [{ upstream: node('a'), weight }, {}];
    const config = { rules: [{ weighted_upstreams }] };
    return trafficSplit.prepare(config, own, { pointer: '', written: config }).middleware;
  };
  const ask = async (middleware: ReturnType<typeof load>) => {
    let isChosen = false;
    await middleware(toExchange(), async ({ upstream }) => {
      isChosen = upstream !== undefined;
      return toResponse();
    });
    return isChosen;
  };
  const askOften = async (middleware: ReturnType<typeof load>, count: number) => {
    const chosen: boolean[] = [];
    for (let each = 0; each < count; each += 1) chosen.push(await ask(middleware));
    return chosen;
  };

  test('a rule go on after an edit of anything but the weights', async () => {
    const own = services();
    const [first, same, other] = [load(1, own), load(1, own), load(3, own)];

    expect([await ask(first), await ask(same)].sort()).toEqual([false, true]);
    expect(await ask(first)).not.toBe(await ask(same));
    await ask(first);
    expect(await askOften(other, 4)).toEqual(await askOften(load(3), 4));
  });

  test('two routes are their own', async () => {
    const own = services();
    const [one, two] = [load(1, own), load(1, { ...own, owner: 'routes/other' })];

    expect(await ask(one)).toBe(await ask(two));
  });

  test("an upstream's nodes are those of its route and settings", async () => {
    const own = services();
    const nodes = { 'a.shop.example': 1, 'b.shop.example': 1 };
    const config = { rules: [{ weighted_upstreams: [{ upstream: { scheme: 'https', nodes } }] }] };
    const names: (string | undefined)[] = [];
    for (const owner of ['a', 'b', 'b']) {
      const context = { pointer: '', written: config };
      const { middleware } = trafficSplit.prepare(config, { ...own, owner }, context);
      // No time is left, so that nothing is sent.
      const exchange = toExchange({ deadlineMs: own.now() });
      await middleware(exchange, async ({ upstream, ...rest }) => {
        await rejectionOf(Promise.resolve(upstream?.call(rest)));
        return toResponse();
      });
      names.push(exchange.record.upstream);
    }

    expect(names[1]).toBe(names[0]);
    expect(names[2]).not.toBe(names[0]);
  });
});

test('nodes that may not be called are named, and their share answers 503', async () => {
  const weighted_upstreams = [{ upstream: { scheme: 'https', nodes: { 'other.example': 1 } } }];
  const plugins = { 'traffic-split': { rules: [{ weighted_upstreams }] } };
  const { warnings, routes } = await compile(documentOf({ plugins }), { services: services() });

  expect(warnings).toEqual([
    expect.stringContaining('traffic-split: node other.example:443 is not called'),
  ]);
  await expect(routes[0]?.handle(toExchange())).rejects.toMatchObject({ code: 'NO_UPSTREAM' });
});

const shares = [{ weight: 1 }];
test.each<[string, unknown, string, string]>([
  [
    'an upstream beside an upstream_id',
    [{ weighted_upstreams: [{ upstream_id: 1, upstream: {} }] }],
    '/0/weighted_upstreams/0',
    'not both',
  ],
  [
    '21 shares',
    [{ weighted_upstreams: Array(21).fill({}) }],
    '/0/weighted_upstreams',
    '1 to 20 upstreams',
  ],
  ['no share', [{ weighted_upstreams: [] }], '/0/weighted_upstreams', '1 to 20'],
  [
    'only weights of 0',
    [{ weighted_upstreams: [{ weight: 0 }] }],
    '/0/weighted_upstreams',
    'above 0',
  ],
  [
    'conditions without vars',
    [{ match: [{}], weighted_upstreams: shares }],
    '/0/match/0/vars',
    'required',
  ],
  [
    'a condition that is none',
    [{ match: [{ vars: [['arg_a', '?', 1]] }] }],
    '/0/match/0/vars/0/1',
    'one of ==, ~=',
  ],
  ['a hash without a key', [{ hash_on: 'cookie' }], '/0', 'key beside hash_on'],
  ['a key that there is not', [{ key: 'server_addr' }], '/0/key', 'a variable'],
  [
    'a fault of an upstream',
    [{ weighted_upstreams: [{ upstream: { nodes: { 'a/b': 1 } } }] }],
    '/0/weighted_upstreams/0/upstream/nodes/a~1b',
    'a plain host',
  ],
  [
    'active checks',
    [{ weighted_upstreams: [{ upstream: { nodes: {}, checks: { active: {} } } }] }],
    '/0/weighted_upstreams/0/upstream/checks/active',
    'no background',
  ],
])('%s makes the document malformed', async (_, rules, pointer, expected) => {
  const issues = await issuesOf(documentOf({ plugins: { 'traffic-split': { rules } } }));

  const found = issues.find((issue) => issue.pointer === `/plugins/traffic-split/rules${pointer}`);
  expect([issues.map((issue) => issue.pointer), found?.expected ?? '']).toEqual([
    expect.anything(),
    expect.stringContaining(expected),
  ]);
});
