/** Which plugins of a route refuse clients, from what each of them says of the others. */
import type { PreparedPlugin, RouteFacts } from '../../functions/proxy/chain/exchange.ts';
import { findAccessPlugins, isOpenRoute } from '../../functions/proxy/chain/open-route.ts';

const toPlugin = (parts: Partial<PreparedPlugin>) =>
  ({ refusesClients: () => false, clientChoosesAddress: false, ...parts }) as PreparedPlugin;

test('those that refuse are found, and a route with none of them is open', () => {
  const [refuses, passes] = [toPlugin({ refusesClients: () => true }), toPlugin({})];

  expect(findAccessPlugins([passes, refuses])).toEqual([refuses]);
  expect([isOpenRoute([passes]), isOpenRoute([passes, refuses])]).toEqual([true, false]);
});

test.each<[readonly Partial<PreparedPlugin>[], RouteFacts]>([
  [[{}, {}], { anonymousConsumers: new Set(), clientChoosesAddress: false }],
  [
    [{ anonymousConsumer: 'guest' }, { clientChoosesAddress: true }],
    { anonymousConsumers: new Set(['guest']), clientChoosesAddress: true },
  ],
])('each is asked with what all of %j say', (parts, facts) => {
  const asked: RouteFacts[] = [];
  const refusesClients = (given: RouteFacts) => {
    asked.push(given);
    return false;
  };
  findAccessPlugins(parts.map((part) => toPlugin({ ...part, refusesClients })));

  expect(asked).toEqual(parts.map(() => facts));
});
