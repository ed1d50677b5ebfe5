/** Several plugins → one function around the upstream call. */
import { ProxyError } from '../http/errors.ts';
import { toDashed } from '../http/headers.ts';
import type { Consumer, Consumers, Exchange, Handle, PreparedPlugin } from './exchange.ts';

/**
 * @param plugins of a route, in any order
 * @param callOwn calls the route's own upstream for requests that no plugin answers. Without it they fail with `NO_UPSTREAM`
 * @param outer plugins that run around those of the route, in any order
 */
export function composePlugins(
  plugins: readonly PreparedPlugin[],
  callOwn: Handle = answerNoUpstream,
  outer: readonly PreparedPlugin[] = [],
): Handle {
  const ordered = [...plugins].sort(byPriority);
  const lastAuthentication = ordered.findLastIndex(({ isAuthentication }) => isAuthentication);
  const handle = compose(ordered.slice(0, lastAuthentication + 1), {
    inner: withConsumerPlugins(ordered.slice(lastAuthentication + 1), {
      anonymous: toAnonymous([...outer, ...plugins]),
      inner: (exchange) => exchange.upstream?.call(exchange) ?? callOwn(exchange),
    }),
  });
  return withNames([...outer, ...plugins], compose([...outer].sort(byPriority), { inner: handle }));
}

/**
 * @param outer plugins, in any order
 * @param inner answers every request that they hand on, also one for which a plugin has chosen an upstream
 */
export function composeAround(outer: readonly PreparedPlugin[], inner: Handle): Handle {
  return withNames(outer, compose([...outer].sort(byPriority), { inner }));
}

function withNames(plugins: readonly PreparedPlugin[], handle: Handle): Handle {
  const reserved = new Set(plugins.flatMap(({ identityHeaders }) => identityHeaders.map(toDashed)));
  const carriers = new Set(plugins.flatMap(({ carrierHeaders }) => carrierHeaders.map(toDashed)));
  if (plugins.some(({ isAuthentication }) => isAuthentication))
    return withConsumersReserved(handle, { reserved, carriers });
  if (reserved.size + carriers.size === 0) return handle;
  return (exchange) => handle({ ...exchange, reserved, carriers });
}

type RouteNames = Pick<Exchange, 'reserved' | 'carriers'>;

/**
 * Reserves headers before the first plugin runs. An inner plugin of the route or of any consumer may set them, so no outer
 * plugin may believe the client's own.
 */
function withConsumersReserved(handle: Handle, { reserved: own, carriers }: RouteNames): Handle {
  const ofTables = new WeakMap<Consumers, ReadonlySet<string>>();
  return (exchange) => {
    const { consumers } = exchange;
    let reserved = ofTables.get(consumers);
    if (!reserved) {
      reserved = new Set([...own, ...consumers.reserved]);
      ofTables.set(consumers, reserved);
    }
    const isNone = reserved.size + carriers.size === 0;
    return handle(isNone ? exchange : { ...exchange, reserved, carriers });
  };
}

function compose(
  ordered: readonly PreparedPlugin[],
  { inner }: { readonly inner: Handle },
): Handle {
  return ordered.reduceRight<Handle>(
    (next, { middleware }) =>
      (exchange) =>
        middleware(exchange, next),
    inner,
  );
}

function toAnonymous(plugins: readonly PreparedPlugin[]): ReadonlySet<string> {
  return new Set(plugins.flatMap(({ anonymousConsumer }) => anonymousConsumer ?? []));
}

/**
 * A consumer's own plugins replace the route's plugins of the same name, after the consumer is known. An access plugin of the
 * route is not replaced for the route's anonymous consumer, or that consumer's document would open the route to everyone.
 */
function withConsumerPlugins(
  rest: readonly PreparedPlugin[],
  { anonymous, inner }: { readonly anonymous: ReadonlySet<string>; readonly inner: Handle },
): Handle {
  const ofRoute = compose(rest, { inner });
  const ofConsumers = new WeakMap<Consumer, Handle>();
  return (exchange) => {
    const { consumer } = exchange;
    if (!consumer || consumer.plugins.length === 0) return ofRoute(exchange);
    let handle = ofConsumers.get(consumer);
    if (!handle) {
      const own = new Set(consumer.plugins.map(({ name }) => name));
      const isAnonymous = anonymous.has(consumer.username);
      const others = rest.filter(
        ({ name, isAccessPlugin }) => !own.has(name) || (isAnonymous && isAccessPlugin),
      );
      const merged = [...consumer.plugins, ...others].sort(byPriority);
      handle = compose(merged, { inner });
      ofConsumers.set(consumer, handle);
    }
    return handle(exchange);
  };
}

function byPriority(a: PreparedPlugin, b: PreparedPlugin): number {
  return b.priority - a.priority;
}

/** @param reason for the log */
export function toNoUpstream(reason: string): ProxyError {
  return new ProxyError('NO_UPSTREAM', reason, { headers: { 'retry-after': '10' } });
}

/** @returns what answers `NO_UPSTREAM`. @param reason for the log */
export function createNoUpstream(reason: string): Handle {
  return async () => {
    throw toNoUpstream(reason);
  };
}

const answerNoUpstream = createNoUpstream('no plugin of the route calls an upstream');
