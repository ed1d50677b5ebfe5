import { composeAround, composePlugins } from '../../functions/proxy/chain/chain.ts';
import type {
  Consumer,
  Consumers,
  Exchange,
  PreparedPlugin,
} from '../../functions/proxy/chain/exchange.ts';
import { rejectionOf, toExchange, toResponse } from '../support/builders.ts';

function plugin(
  name: string,
  priority: number,
  { ran, ...parts }: { readonly ran: string[] } & Partial<PreparedPlugin>,
): PreparedPlugin {
  return {
    name,
    priority,
    isAuthentication: false,
    isUpstream: false,
    isAccessPlugin: false,
    refusesClients: () => false,
    anonymousConsumer: undefined,
    clientChoosesAddress: false,
    identityHeaders: [],
    carrierHeaders: [],
    secretParameters: [],
    middleware: async (exchange, next) => {
      ran.push(name);
      return next(exchange);
    },
    ...parts,
  };
}

/** Runs a route whose two authentication plugins have priorities 2600 and 2500; the second one finds the consumer. */
async function run(
  own: (ran: string[]) => PreparedPlugin[],
  route: (ran: string[]) => PreparedPlugin[],
) {
  const ran: string[] = [];
  const consumer: Consumer = {
    username: 'ann',
    parameter: '/p/consumers/ann',
    isAvailable: true,
    labels: {},
    credentials: new Map(),
    plugins: own(ran),
    identityHeaders: [],
  };
  const identify: PreparedPlugin['middleware'] = async (exchange, next) => {
    ran.push('second-auth');
    return next({ ...exchange, consumer });
  };
  const handle = composePlugins([
    plugin('first-auth', 2600, { ran, isAuthentication: true }),
    plugin('second-auth', 2500, { ran, isAuthentication: true, middleware: identify }),
    plugin('upstream', -1, { ran, middleware: async () => toResponse() }),
    ...route(ran),
  ]);
  await handle(toExchange());
  return ran;
}

test("a consumer's plugin runs after the last authentication plugin, for any priority", async () => {
  const ran = await run(
    (order) => [plugin('between', 2550, { ran: order }), plugin('before', 3000, { ran: order })],
    () => [],
  );

  expect(ran).toEqual(['first-auth', 'second-auth', 'before', 'between']);
});

test("a consumer's plugin stands in for the route's of the same name behind the last authentication", async () => {
  const ran: string[] = [];
  const order = await run(
    (own) => [plugin('limit', 1000, { ran: own, middleware: named(own, 'limit of ann') })],
    (own) => [plugin('limit', 1000, { ran: own }), plugin('other', 900, { ran: own })],
  );

  expect(ran).toEqual([]);
  expect(order).toEqual(['first-auth', 'second-auth', 'limit of ann', 'other']);
});

test("what runs before the consumer is known is the route's, also where the consumer has one of the name", async () => {
  const order = await run(
    (own) => [plugin('early', 3000, { ran: own, middleware: named(own, 'early of ann') })],
    (own) => [plugin('early', 3000, { ran: own })],
  );

  expect(order).toEqual(['early', 'first-auth', 'second-auth', 'early of ann']);
});

test("a plugin that refuses nobody gives way to the anonymous consumer's, and an access plugin to another consumer's", async () => {
  const own = (ran: string[]) => [
    plugin('limit', 1000, { ran, middleware: named(ran, 'limit of ann') }),
  ];
  const anonymous = (ran: string[]) =>
    plugin('anonymous', 2700, { ran, isAuthentication: true, anonymousConsumer: 'ann' });

  const ofAnonymous = await run(own, (ran) => [anonymous(ran), plugin('limit', 1000, { ran })]);
  const ofAnn = await run(own, (ran) => [plugin('limit', 1000, { ran, isAccessPlugin: true })]);

  expect([...ofAnonymous, ...ofAnn]).not.toContain('limit');
});

test("an access plugin of a route stays for the route's anonymous consumer, before or behind the consumer's own", async () => {
  const isAccessPlugin = true;
  const order = await run(
    (own) => [plugin('guard', 1000, { ran: own, middleware: named(own, 'guard of ann') })],
    (own) => [
      plugin('anonymous', 2700, { ran: own, isAuthentication: true, anonymousConsumer: 'ann' }),
      plugin('guard', 1000, { ran: own, isAccessPlugin }),
    ],
  );

  expect(order.sort()).toEqual(['anonymous', 'first-auth', 'guard', 'guard of ann', 'second-auth']);
});

describe('headers that plugins set', () => {
  const noConsumers = { reserved: new Set<string>() } as unknown as Consumers;

  /** @returns the exchange that the last plugin gets */
  async function handOn(parts: readonly Partial<PreparedPlugin>[], exchange: Exchange) {
    let last: Exchange | undefined;
    const keep: PreparedPlugin['middleware'] = async (given) => {
      last = given;
      return toResponse();
    };
    const others = parts.map((part, index) => plugin(`p${index}`, index, { ran: [], ...part }));
    const handle = composePlugins([...others, plugin('z', -1, { ran: [], middleware: keep })]);
    await handle(exchange);
    const first = last;
    await handle(exchange);
    return { first, second: last };
  }

  const user = { identityHeaders: ['x_user'] };
  const carrier = { carrierHeaders: ['x.original'] };

  test.each([
    ['a route', {}],
    ['a route that knows consumers', { isAuthentication: true }],
  ])('are reserved with dashes before the first plugin of %s runs', async (_, more) => {
    const exchange = toExchange({ consumers: noConsumers });

    const { first } = await handOn([{ ...user, ...more }, carrier], exchange);
    expect([first?.reserved, first?.carriers]).toEqual([
      new Set(['x-user']),
      new Set(['x-original']),
    ]);
  });

  test.each([
    ['a route', {}],
    ['a route that knows consumers', { isAuthentication: true }],
  ])('of which %s has none: the exchange is handed on as it is', async (_, more) => {
    const exchange = toExchange({ consumers: noConsumers });

    expect((await handOn([more], exchange)).first).toBe(exchange);
  });

  test('are those of consumers as well, where the route knows consumers, and are gathered once for a table', async () => {
    const exchange = toExchange({ consumers: { ...noConsumers, reserved: new Set(['x-tenant']) } });

    const known = await handOn([{ ...user, isAuthentication: true }], exchange);
    const unknown = await handOn([user], exchange);

    expect(known.first?.reserved).toEqual(new Set(['x-user', 'x-tenant']));
    expect(known.second?.reserved).toBe(known.first?.reserved);
    expect(unknown.first?.reserved).toEqual(new Set(['x-user']));
  });
});

test.each([
  ['a route', undefined],
  ['a consumer', [plugin('limit', 1000, { ran: [] })]],
  ['a consumer without plugins', []],
])('where no plugin of %s answers, there is no upstream', async (_, plugins) => {
  const consumer = plugins && ({ username: 'ann', plugins } as unknown as Consumer);
  const handle = composePlugins([plugin('limit', 1000, { ran: [] })]);

  expect(await rejectionOf(handle({ ...toExchange(), consumer }))).toMatchObject({
    code: 'NO_UPSTREAM',
    headers: { 'retry-after': '10' },
  });
});

function named(ran: string[], name: string): PreparedPlugin['middleware'] {
  return async (exchange, next) => {
    ran.push(name);
    return next(exchange);
  };
}

test('plugins of global rules run in front of those of a route, by their priority', async () => {
  const ran: string[] = [];
  const outer = [1, 3, 2].map((priority) => plugin(`outer ${priority}`, priority, { ran }));
  const answer = async () => toResponse({ status: 299 });
  const handles = [
    composePlugins([plugin('inner', 9, { ran })], answer, outer),
    composeAround(outer, answer),
  ];
  const statuses: number[] = [];
  for (const handle of handles) statuses.push((await handle(toExchange())).status);

  const order = ['outer 3', 'outer 2', 'outer 1'];
  expect(ran).toEqual([...order, 'inner', ...order]);
  expect(statuses).toEqual([299, 299]);
});
