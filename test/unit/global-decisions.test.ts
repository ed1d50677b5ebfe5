/** Which routes are open below global rules, and what runs around them. */
import type { PreparedPlugin } from '../../functions/proxy/chain/exchange.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import {
  guardDocuments,
  hasGlobalRules,
  isOpenBelow,
  unguarded,
} from '../../functions/proxy/routes/global-guard.ts';
import { withGlobalRules } from '../../functions/proxy/routes/global-rules.ts';
import type { DocumentInForce } from '../../functions/proxy/routes/in-force.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import type { SharedObject } from '../../functions/proxy/routes/shared/shared-object.ts';
import { rejectionOf, toExchange, toRequest, toResponse, toRoute } from '../support/builders.ts';

const root = '/root';
const ran: string[] = [];
const toPlugin = (parts: Partial<PreparedPlugin> = {}): PreparedPlugin => ({
  ...{ name: 'p', priority: 0, isAuthentication: false, isUpstream: false, isAccessPlugin: false },
  ...{ refusesClients: () => false, anonymousConsumer: undefined, clientChoosesAddress: false },
  ...{ identityHeaders: [], carrierHeaders: [], secretParameters: [] },
  middleware: (exchange, next) => {
    ran.push(parts.name ?? 'p');
    return next(exchange);
  },
  ...parts,
});
const guard = toPlugin({ name: 'guard', refusesClients: () => true });
const harmless = toPlugin();
const toRule = (parts: Partial<SharedObject> = {}): SharedObject => ({
  ...{ kind: 'global_rule', id: 'a', parameter: '/root/global_rules/a', pointer: '' },
  ...{ document: { plugins: {} }, isAvailable: true, digest: 'd', plugins: [], ...parts },
});
const toDocument = (parts: Partial<DocumentInForce>): DocumentInForce =>
  ({ routes: [], missing: [], digest: 'd', ...parts }) as unknown as DocumentInForce;

test.each([
  [['/root/routes/a'], [], false],
  [['/root/routes/a', '/root/global_rules/a'], [], true],
  [['/other/global_rules/a'], [], false],
  [[], [toRule()], true],
  [[], [toRule({ kind: 'service' })], false],
])('the documents %j, beside others, have a global rule: %#', (names, heldShared, expected) => {
  const documents = names.map((name) => ({ name }));

  expect(hasGlobalRules({ documents } as never, { root, heldShared } as never)).toBe(expected);
});

const ifAddressIsKnown = toPlugin({
  refusesClients: ({ clientChoosesAddress }) => !clientChoosesAddress,
});
const chooser = toPlugin({ clientChoosesAddress: true });
const lacking = (isGuard: boolean) => toRule({ isAvailable: false, isGuard, plugins: [] });
test.each<[string, SharedObject[], PreparedPlugin[], boolean]>([
  ['nothing', [], [], true],
  ['a guard of the route', [toRule()], [guard], false],
  ['a guard of a rule', [toRule(), toRule({ plugins: [harmless, guard] })], [], false],
  ['a rule that guards nothing', [toRule({ plugins: [harmless] })], [harmless], true],
  [
    'a rule by which the client chooses its address',
    [toRule({ plugins: [chooser] })],
    [ifAddressIsKnown],
    true,
  ],
  ['a plugin that refuses addresses', [toRule({ plugins: [harmless] })], [ifAddressIsKnown], false],
  ['a rule that lacks something, and asks for a guard', [lacking(true), toRule()], [], false],
  ['one of several that lack something', [lacking(false), lacking(true)], [], false],
  ['a rule that lacks something, and asks for none', [lacking(false), toRule()], [], true],
])('with %s a route is open: %#', (_, rules, plugins, isOpen) => {
  expect(isOpenBelow(rules, plugins)).toBe(isOpen);
});

describe('the documents of a load', () => {
  interface Load {
    readonly routes: readonly Route[];
    readonly rules?: readonly SharedObject[];
    readonly held?: readonly SharedObject[];
    readonly requireAccessPlugin?: boolean;
    readonly hasRules?: boolean;
    readonly previous?: object;
  }
  const load = ({ routes, rules = [], held, requireAccessPlugin = false, ...rest }: Load) => {
    const { hasRules = true, previous } = rest;
    const documents = [toDocument({ routes, shared: rules }), toDocument({})];
    const options = { compile: { requireAccessPlugin }, ...(held && { heldShared: held }) };
    const guarded = guardDocuments(documents, options as never, { hasRules, previous } as never);
    return { documents, guarded, route: guarded[0]?.routes[0] };
  };
  const open = toRoute({ isOpen: true });
  const closed = toRoute({ isOpen: false, plugins: [guard] });
  const lost = toRoute({ isAvailable: false, isOpen: false, willBeOpen: true });
  const rules = [toRule({ plugins: [guard] })];

  test('are as they were where there are no rules, and were none', () => {
    const { documents, guarded } = load({ routes: [open], hasRules: false, previous: {} });

    expect(guarded).toBe(documents);
  });

  test.each<[string, Partial<Load>, boolean]>([
    ['a rule guards it', { rules }, false],
    ['a rule of another load guards it', { held: rules }, false],
    ['a service guards others', { rules: [toRule({ kind: 'service', plugins: [guard] })] }, true],
    ['the rules have gone', { hasRules: false, previous: { guarded: {} } }, true],
    [
      'the rules have gone, and guards are required',
      { hasRules: false, previous: { guarded: {} }, requireAccessPlugin: true },
      true,
    ],
  ])('a route without plugins is open where %s', (_, parts, isOpen) => {
    const { route, documents, guarded } = load({
      routes: [toRoute({ isOpen: !isOpen })],
      ...parts,
    });

    expect(route).toMatchObject({ isOpen, isAvailable: true });
    expect(guarded[1]).toBe(documents[1]);
    expect(guarded[0]).toMatchObject({ digest: 'd', missing: [] });
  });

  test('a route about which nothing changes is the same', () => {
    expect(load({ routes: [open] }).route).toBe(open);
    expect(load({ routes: [closed], rules }).route).toBe(closed);
    expect(load({ routes: [closed], requireAccessPlugin: true }).route).toBe(closed);
    expect(load({ routes: [lost] }).route).toBe(lost);
    const shut = { ...lost, willBeOpen: false };
    expect(load({ routes: [shut], rules }).route).toBe(shut);
  });

  test('a route that is not available will be as open as the rules make it', () => {
    expect(load({ routes: [lost], rules }).route).toEqual({ ...lost, willBeOpen: false });
  });

  test('an open route is not available where each route needs a guard', async () => {
    const { guarded } = load({ routes: [open, closed], requireAccessPlugin: true });
    const [{ routes, missing, digest } = toDocument({})] = guarded;
    const issue = { pointer: '', found: 'a route that no plugin guards', isUnfulfilled: true };

    expect(routes[0]).toMatchObject({ isAvailable: false, isOpen: false, willBeOpen: true });
    expect(routes[0]).toMatchObject({ missing: [issue], reason: unguarded });
    expect([routes[1], missing]).toMatchObject([closed, [issue]]);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('where all routes are guarded nothing is missing', () => {
    const [first] = load({ routes: [open], rules, requireAccessPlugin: true }).guarded;

    expect(first).toMatchObject({ digest: 'd', missing: [], routes: [{ isAvailable: true }] });
  });

  test('what was missing before stays so', () => {
    const before = { pointer: '/x', found: 'y', expected: 'z' };
    const document = toDocument({ routes: [open], missing: [before] });
    const options = { compile: { requireAccessPlugin: true } } as never;
    const [guarded] = guardDocuments([document], options, { hasRules: true, previous: undefined });

    expect(guarded?.missing).toMatchObject([before, { pointer: '' }]);
  });
});

describe('rules run', () => {
  const outer = toPlugin({ name: 'outer' });
  const rules = [toRule({ plugins: [outer] })];
  const answer = async () => toResponse({ status: 299 });
  const route = toRoute({
    ...{ id: 'r', plugins: [toPlugin({ name: 'inner' })], callOwn: answer },
    handle: async () => toResponse({ status: 599 }),
  });
  const match = (found: () => { route: Route; rest: string | undefined }, opened?: Route) => {
    let opens = 0;
    const matcher = withGlobalRules(rules, {
      matcher: { match: found } as never,
      open: () => {
        opens += 1;
        return opened;
      },
    });
    const ask = async () => {
      ran.length = 0;
      const matched = matcher.match(toRequest());
      const { status } = await matched.route.handle(toExchange());
      return { id: matched.route.id, rest: matched.rest, status, ran: [...ran] };
    };
    return { ask, opens: () => opens };
  };
  const found = () => ({ route, rest: 'x' });

  test('around the plugins of a route, which is opened once', async () => {
    const { ask, opens } = match(found, route);
    const expected = { id: 'r', rest: 'x', status: 299, ran: ['outer', 'inner'] };

    expect([await ask(), await ask(), opens()]).toEqual([expected, expected, 1]);
  });

  test('around what a route answers that is not available', async () => {
    const off = { ...route, isAvailable: false, handle: async () => toResponse({ status: 298 }) };

    expect(await match(found, off).ask()).toMatchObject({ status: 298, ran: ['outer'] });
    expect(await match(found, undefined).ask()).toMatchObject({ status: 599, ran: ['outer'] });
  });

  test.each(['NO_ROUTE', 'METHOD_NOT_ALLOWED'] as const)('around the answer %s', async (code) => {
    const error = new ProxyError(code, 'x');
    const { ask } = match(() => {
      throw error;
    });

    expect(await rejectionOf(ask())).toBe(error);
    expect(ran).toEqual(['outer']);
  });

  test.each([
    new ProxyError('MALFORMED_REQUEST', 'x'),
    Object.assign(new Error('a bug'), { code: 'NO_ROUTE' }),
  ])('around no error of another kind: %s', async (error) => {
    const { ask } = match(() => {
      throw error;
    });

    expect(await rejectionOf(ask())).toBe(error);
    expect(ran).toEqual([]);
  });

  test('not at all where one of them is not available: every request is refused', async () => {
    const off = toRule({ isAvailable: false, parameter: '/root/global_rules/b', reason: 'why' });
    const parts = { matcher: { match: found } as never, open: () => route };
    const matched = withGlobalRules([...rules, off], parts).match(toRequest());

    expect([matched.route.id, matched.rest]).toEqual([undefined, undefined]);
    expect(await rejectionOf(Promise.resolve(matched.route.handle(toExchange())))).toMatchObject({
      code: 'ROUTES_UNAVAILABLE',
      message: expect.stringMatching(/global_rules\/b.*why/),
    });
  });
});
