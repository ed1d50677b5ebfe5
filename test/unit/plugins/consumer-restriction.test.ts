import { consumerRestriction } from '../../../functions/proxy/plugins/security/consumer-restriction.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin, verdictOf } from '../../support/plugin-rig.ts';

const refused = '403 FORBIDDEN';
const route = { anonymousConsumers: new Set<string>(), clientChoosesAddress: false };
const toConsumer = (username: string) => ({ username }) as never;

test.each([
  [{ whitelist: ['ann'] }, 'ann', 'GET', 'passed'],
  [{ whitelist: ['ann'] }, 'bob', 'GET', refused],
  [{ blacklist: ['ann'] }, 'ann', 'GET', refused],
  [{ blacklist: ['ann'] }, 'bob', 'GET', 'passed'],
  [{ whitelist: ['ann'], blacklist: ['ann'] }, 'ann', 'GET', refused],
  [{ whitelist: ['ann'] }, undefined, 'GET', 'UNAUTHENTICATED'],
  [{ blacklist: ['ann'] }, undefined, 'GET', 'UNAUTHENTICATED'],
  [{ allowed_by_methods: [{ user: 'ann', methods: ['GET', 'PUT'] }] }, 'ann', 'PUT', 'passed'],
  [{ allowed_by_methods: [{ user: 'ann', methods: ['GET', 'PUT'] }] }, 'ann', 'POST', refused],
  [{ allowed_by_methods: [{ user: 'ann', methods: ['GET'] }] }, 'bob', 'POST', 'passed'],
  [{ allowed_by_methods: [] }, 'ann', 'POST', 'passed'],
  [{ allowed_by_methods: [] }, undefined, 'POST', 'UNAUTHENTICATED'],
  [
    { whitelist: ['ann'], allowed_by_methods: [{ user: 'ann', methods: ['GET'] }] },
    'ann',
    'POST',
    'passed',
  ],
  [{ whitelist: ['ann'], rejected_code: 401 }, 'bob', 'GET', '401 FORBIDDEN'],
  [{ type: 'route_id', whitelist: ['r1'] }, 'ann', 'GET', 'passed'],
  [{ type: 'route_id', whitelist: ['r2'] }, 'ann', 'GET', refused],
  [{ type: 'route_id', blacklist: ['r1'] }, undefined, 'GET', refused],
])('with %j, the consumer %s by %s: %s', async (config, username, method, expected) => {
  const consumer = username === undefined ? undefined : toConsumer(username);
  const record = { coldStart: false, upstreamTries: 0, routeId: 'r1' };
  const exchange = { consumer, record };

  expect(await verdictOf(consumerRestriction, config, { exchange, request: { method } })).toBe(
    expected,
  );
});

test('a client that is no consumer is told why, and who asks', async () => {
  const { error } = await runPlugin(consumerRestriction, { whitelist: ['ann'] });

  expect(error?.detail).toBe(
    'The request is rejected, please check the consumer_name for this request',
  );
  expect(error?.headers).toEqual({ 'www-authenticate': 'consumer' });
});

test.each([
  [{ blacklist: ['ann'] }, 'The consumer_name is forbidden.'],
  [{ blacklist: ['ann'], rejected_msg: 'go away' }, 'go away'],
])('with %j, a consumer who may not is told %s', async (config, expected) => {
  const exchange = { consumer: toConsumer('ann') };
  const { error } = await runPlugin(consumerRestriction, config, { exchange });

  expect(error?.detail).toBe(expected);
  expect(error?.message).toBe('refused by consumer-restriction');
});

test('each of two users may have methods of its own', async () => {
  const methods = { ann: 'GET', bob: 'PUT' };
  const allowed_by_methods = Object.entries(methods).map(([user, method]) => ({
    user,
    methods: [method],
  }));
  for (const [username, method] of Object.entries(methods)) {
    const parts = { exchange: { consumer: toConsumer(username) }, request: { method } };
    expect(await verdictOf(consumerRestriction, { allowed_by_methods }, parts)).toBe('passed');
  }
});

test.each([
  [{}, 'whitelist, blacklist or allowed_by_methods'],
  [{ type: 'service_id', whitelist: ['a'] }, 'consumer_name or route_id'],
  [{ whitelist: [''] }, 'a name'],
  [
    {
      allowed_by_methods: [
        { user: 'ann', methods: ['GET'] },
        { user: 'ann', methods: ['PUT'] },
      ],
    },
    'each user once',
  ],
])('the settings %j lack %s', (config, expected) => {
  expect(thrownBy(() => preparePlugin(consumerRestriction, config))).toMatchObject({
    message: expect.stringContaining(expected),
  });
});

test.each([
  [{ whitelist: ['ann'] }, [], true],
  [{ whitelist: ['ann'] }, ['bob'], true],
  [{ whitelist: ['ann'] }, ['bob', 'ann'], false],
  [{ whitelist: ['ann'], blacklist: ['ann'] }, ['ann'], true],
  [{ blacklist: ['ann'] }, [], false],
  [{ allowed_by_methods: [] }, [], false],
  [{ type: 'route_id', whitelist: ['ann'] }, [], false],
])('%j refuses clients where %j are anonymous: %s', (config, anonymous, expected) => {
  const facts = { ...route, anonymousConsumers: new Set(anonymous) };

  expect(preparePlugin(consumerRestriction, config).refusesClients(facts)).toBe(expected);
});
