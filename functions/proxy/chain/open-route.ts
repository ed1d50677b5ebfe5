/** Which plugins of a route refuse clients. This can depend on the other plugins of the route. */
import type { PreparedPlugin, RouteFacts } from './exchange.ts';

/**
 * @param outer plugins that run before those of the route, and refuse nobody themselves
 * @returns whether no plugin refuses a client without credentials
 */
export function isOpenRoute(
  plugins: readonly PreparedPlugin[],
  outer: readonly PreparedPlugin[] = [],
): boolean {
  return findAccessPlugins(plugins, outer).length === 0;
}

/** @returns the plugins that refuse a client without credentials */
export function findAccessPlugins(
  plugins: readonly PreparedPlugin[],
  outer: readonly PreparedPlugin[] = [],
): readonly PreparedPlugin[] {
  const all = [...outer, ...plugins];
  const facts: RouteFacts = {
    anonymousConsumers: new Set(all.flatMap(({ anonymousConsumer }) => anonymousConsumer ?? [])),
    clientChoosesAddress: all.some((plugin) => plugin.clientChoosesAddress),
  };
  return plugins.filter(({ refusesClients }) => refusesClients(facts));
}
