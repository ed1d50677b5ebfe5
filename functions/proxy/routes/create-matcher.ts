/** Routes in memory → their matcher. A snapshot brings its index with it. */
import { askConditions, type Undecided } from './ask-conditions.ts';
import { buildMatchIndex } from './build-match-index.ts';
import { type Matcher, searchIn } from './match.ts';
import type { Route } from './route.ts';

/** A matcher of routes in memory, and the pairs of routes with the same place. */
export interface RouteMatcher extends Matcher {
  /** Pairs of routes with the same host, path, method and priority; the first of each wins. */
  readonly conflicts: readonly (readonly [winner: Route, loser: Route])[];
}

/** @param routes enabled ones, in order of parameter name and id */
export function createMatcher(routes: readonly Route[]): RouteMatcher {
  const { index, conflicts } = buildMatchIndex(routes);
  const routeAt = (place: number) => routes[place] as Route;
  const conditionAt = (place: number) => routeAt(place).compiledCondition;
  const ask = (undecided: Undecided) => askConditions(undecided, conditionAt);
  return { ...searchIn({ index, routeAt, ask }), conflicts };
}
