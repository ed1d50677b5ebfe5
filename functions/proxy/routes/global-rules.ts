/**
 * Global rules: plugins that run around those of each route, and for requests without a route too. Loaded only for tables with
 * global rules.
 */
import { composeAround, composePlugins } from '../chain/chain.ts';
import type { Handle, PreparedPlugin } from '../chain/exchange.ts';
import { ProxyError } from '../http/errors.ts';
import type { Matcher } from './match.ts';
import type { Route, ServedRoute } from './route.ts';
import type { SharedObject } from './shared/shared-object.ts';
import { createRefusal } from './unavailable.ts';

/** What global rules are put around. */
export interface GuardedParts<T extends ServedRoute> {
  readonly matcher: Matcher<T>;
  /** @returns the route as it is compiled; undefined for one that answers 503 */
  readonly open: (route: T) => Promise<Route | undefined> | Route | undefined;
}

/** @returns a matcher that finds something for every request. While a rule is not available, that answers 503 */
export function withGlobalRules<T extends ServedRoute>(
  rules: readonly SharedObject[],
  { matcher, open }: GuardedParts<T>,
): Matcher<ServedRoute> {
  const refused = rules.find(({ isAvailable }) => !isAvailable);
  const outer = rules.flatMap(({ plugins }) => plugins);
  const handles = new WeakMap<T, Promise<Handle>>();
  return {
    match(request) {
      if (refused) return { route: toRefused(refused), rest: undefined };
      try {
        const { route, rest } = matcher.match(request);
        const known = handles.get(route) ?? toHandle(route);
        handles.set(route, known);
        const handle: Handle = async (exchange) => (await known)(exchange);
        return { route: { id: route.id, handle }, rest };
      } catch (error) {
        if (!(error instanceof ProxyError && isWithoutRoute(error))) throw error;
        return { route: toWithoutRoute(outer, error), rest: undefined };
      }
    },
  };

  async function toHandle(route: T): Promise<Handle> {
    const opened = await open(route);
    if (!opened?.isAvailable) return composeAround(outer, (opened ?? route).handle);
    return composePlugins(opened.plugins, opened.callOwn, outer);
  }
}

function isWithoutRoute({ code }: ProxyError): boolean {
  return code === 'NO_ROUTE' || code === 'METHOD_NOT_ALLOWED';
}

function toWithoutRoute(outer: readonly PreparedPlugin[], error: ProxyError): ServedRoute {
  const handle = composeAround(outer, async () => {
    throw error;
  });
  return { id: undefined, handle };
}

function toRefused({ parameter, reason }: SharedObject): ServedRoute {
  return { id: undefined, handle: createRefusal(`a global rule of ${parameter}`, reason) };
}
