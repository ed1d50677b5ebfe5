import { composePlugins } from '../../functions/proxy/chain/chain.ts';
import type { Consumer, PreparedPlugin } from '../../functions/proxy/chain/exchange.ts';
import { toExchange, toResponse } from '../support/builders.ts';

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

function named(ran: string[], name: string): PreparedPlugin['middleware'] {
  return async (exchange, next) => {
    ran.push(name);
    return next(exchange);
  };
}
