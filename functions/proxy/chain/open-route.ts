/** Which plugins keep clients out of a route. What one plugin keeps out can depend on another one. */
import type { PreparedPlugin, RouteFacts } from './exchange.ts';

/** @returns whether no plugin keeps out a client that brings nothing */
export function isOpenRoute(plugins: readonly PreparedPlugin[]): boolean {
  return findGuards(plugins).length === 0;
}

/** @returns the plugins that keep out a client that brings nothing */
export function findGuards(plugins: readonly PreparedPlugin[]): readonly PreparedPlugin[] {
  const facts: RouteFacts = {
    anonymousConsumers: new Set(
      plugins.flatMap(({ anonymousConsumer }) => anonymousConsumer ?? []),
    ),
    clientChoosesAddress: plugins.some((plugin) => plugin.clientChoosesAddress),
  };
  return plugins.filter(({ refusesClients }) => refusesClients(facts));
}
