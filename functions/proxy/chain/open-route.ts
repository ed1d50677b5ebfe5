/** Whether a route is open to everyone. What one plugin keeps out can depend on another one. */
import type { PreparedPlugin, RouteFacts } from './exchange.ts';

/** @returns whether no plugin keeps out a client that brings nothing */
export function isOpenRoute(plugins: readonly PreparedPlugin[]): boolean {
  const facts: RouteFacts = {
    anonymousConsumers: new Set(
      plugins.flatMap(({ anonymousConsumer }) => anonymousConsumer ?? []),
    ),
    clientChoosesAddress: plugins.some((plugin) => plugin.clientChoosesAddress),
  };
  return !plugins.some(({ refusesClients }) => refusesClients(facts));
}
