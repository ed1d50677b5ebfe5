/** Which plugins of a route refuse clients. This can depend on the other plugins of the route. */
import type { PreparedPlugin, RouteFacts } from './exchange.ts';

/** @returns whether no plugin refuses a client without credentials */
export function isOpenRoute(plugins: readonly PreparedPlugin[]): boolean {
  return findAccessPlugins(plugins).length === 0;
}

/** @returns the plugins that refuse a client without credentials */
export function findAccessPlugins(plugins: readonly PreparedPlugin[]): readonly PreparedPlugin[] {
  const facts: RouteFacts = {
    anonymousConsumers: new Set(
      plugins.flatMap(({ anonymousConsumer }) => anonymousConsumer ?? []),
    ),
    clientChoosesAddress: plugins.some((plugin) => plugin.clientChoosesAddress),
  };
  return plugins.filter(({ refusesClients }) => refusesClients(facts));
}
