/** Upstreams that traffic-split names by id: which document they are from, and whose turns they take. */
import { trafficSplit } from '../../../functions/proxy/plugins/traffic/traffic-split.ts';
import type { SharedObject } from '../../../functions/proxy/routes/shared/shared-object.ts';
import {
  rejectionOf,
  thrownBy,
  toExchange,
  toResponse,
  toServices,
} from '../../support/builders.ts';

const nodes = { 'a.shop.example': 1, 'b.shop.example': 1 };
const toObject = (id: string, parts: Partial<SharedObject> = {}): SharedObject => ({
  ...{ kind: 'upstream', id, parameter: `/upstreams/${id}`, pointer: '', isAvailable: true },
  ...{ document: { plugins: {}, upstream: { scheme: 'https', nodes } }, digest: '', plugins: [] },
  ...parts,
});
const services = toServices({ allowedHosts: '*.shop.example' });

/** Asks for the node of one request; with no time left, so that nothing is sent. */
async function ask(id: string, found: SharedObject | 'assumed' | undefined, owner = 'r') {
  const config = { rules: [{ weighted_upstreams: [{ upstream_id: id }] }] };
  const shared = {
    find: (kind: string, own: string) => (kind === 'upstream' && own === id ? found : undefined),
  };
  const context = { pointer: '', written: config };
  const { middleware } = trafficSplit.prepare(config, { ...services, shared, owner }, context);
  const exchange = toExchange({ deadlineMs: services.now() });
  let chosenBy: string | undefined;
  let error: unknown;
  await middleware(exchange, async ({ upstream, ...rest }) => {
    chosenBy = upstream?.chosenBy;
    error = await rejectionOf((async () => upstream?.call(rest))());
    return toResponse();
  });
  return { chosenBy, node: exchange.record.upstream, error };
}

test('routes that name one upstream take turns, and those of another are its own', async () => {
  const [one, other] = [toObject('one'), toObject('other')];
  const asked = [
    await ask('one', one),
    await ask('other', other),
    await ask('one', one, 'another route'),
  ];

  expect(asked.map(({ chosenBy }) => chosenBy)).toEqual([
    ...['/upstreams/one', '/upstreams/other', '/upstreams/one'],
  ]);
  expect(asked[1]?.node).toBe(asked[0]?.node);
  expect(asked[2]?.node).not.toBe(asked[0]?.node);
});

test.each<[string, SharedObject | 'assumed' | undefined]>([
  ['is not there', undefined],
  ['is not known here', 'assumed'],
  ['is not available', toObject('one', { isAvailable: false })],
])('an upstream that %s answers no request', async (_, found) => {
  expect(await ask('one', found)).toMatchObject({
    ...{ node: undefined, chosenBy: '', error: { code: 'NO_UPSTREAM' } },
  });
});

test('a share has an upstream or names one', () => {
  const share = { upstream_id: 'one', upstream: { scheme: 'https', nodes } };
  const config = { rules: [{ weighted_upstreams: [share] }] };
  const prepare = () => trafficSplit.prepare(config, services, { pointer: '', written: config });

  expect(String(thrownBy(prepare))).toContain('/rules/0/weighted_upstreams/0');
});

test('each node counts as ten steps: own ones for the document, others for those of other documents', () => {
  const counted: unknown[] = [];
  const count = (kind: string) => (steps: number, pointer: string) =>
    counted.push([kind, steps, pointer]);
  const share = { upstream: { scheme: 'https', nodes } };
  const config = { rules: [{ weighted_upstreams: [share, { upstream_id: 'one' }] }] };
  const own = {
    ...{ countSteps: count('own'), countInherited: count('inherited') },
    shared: { find: () => toObject('one') },
  };
  trafficSplit.prepare(config, { ...services, ...own }, { pointer: '', written: config });

  expect(counted).toEqual([
    ['own', 20, '/rules/0/weighted_upstreams/0/upstream'],
    ['inherited', 20, '/rules/0/weighted_upstreams/1/upstream_id'],
  ]);
  const countInherited = () => {
    throw new Error('too many');
  };
  const prepare = () =>
    trafficSplit.prepare(
      config,
      { ...services, ...own, countInherited },
      { pointer: '', written: config },
    );
  expect(thrownBy(prepare)).toMatchObject({
    issues: [{ pointer: '/rules/0/weighted_upstreams/1/upstream_id', isUnfulfilled: true }],
  });
});
