/** Finds the reason why each route handles a request or does not, by the proxy's matcher with one route at a time. */
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import {
  byPrecedence,
  type Place,
  precedence,
  toPlaces,
} from '../../functions/proxy/routes/precedence.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import { distanceTo } from './near-miss.ts';

/** The deciding rule. Routes that almost match come first. */
export type Verdict =
  | 'serves'
  | 'precedence'
  | 'disabled'
  | 'condition'
  | 'method'
  | 'host'
  | 'path';

/** A route, and why it serves the request or does not. */
export interface Candidate<T extends Route> {
  readonly route: T;
  readonly verdict: Verdict;
  /** The reason, as the end of a sentence that begins with the route. */
  readonly reason: string;
}

const nearestFirst: readonly Verdict[] = [
  'serves',
  'precedence',
  'disabled',
  'condition',
  'method',
  'host',
  'path',
];

/** Judges every route. The matching route comes first, then those that almost match: of other paths, the most similar. */
export function judgeRoutes<T extends Route>(
  routes: readonly T[],
  request: ProxyRequest,
): Candidate<T>[] {
  const enabled = routes.filter((route) => route.isEnabled);
  const winner = findServing(enabled, request);
  const winning = winner && findPlace(winner, request);
  return routes
    .map((route) => {
      const candidate = judge(route, request, winning);
      const distance = candidate.verdict === 'path' ? distanceTo(route, request.path) : 0;
      return { candidate, distance };
    })
    .sort((a, b) => rankOf(a.candidate) - rankOf(b.candidate) || a.distance - b.distance)
    .map(({ candidate }) => candidate);
}

function rankOf({ verdict }: Candidate<Route>): number {
  return nearestFirst.indexOf(verdict);
}

function judge<T extends Route>(
  route: T,
  request: ProxyRequest,
  winning: Place | undefined,
): Candidate<T> {
  const unconditional = { ...route, condition: undefined, compiledCondition: undefined };
  if (!fits({ ...unconditional, hosts: [''], methods: undefined }, request)) {
    const paths = route.uris.map(toPath);
    return { route, verdict: 'path', reason: `its path is ${list(paths)}` };
  }
  if (!fits({ ...unconditional, methods: undefined }, request)) {
    const asked = request.host === '' ? 'the request names none' : `not ${request.host}`;
    return { route, verdict: 'host', reason: `its host is ${list(route.hosts)}, ${asked}` };
  }
  if (!findPlace(unconditional, request)) {
    const methods = list([...(route.methods ?? [])]);
    return { route, verdict: 'method', reason: `it takes ${methods}, not ${request.method}` };
  }
  const place = findPlace(route, request);
  if (!place) {
    return {
      route,
      verdict: 'condition',
      reason: `its condition does not hold: ${route.condition}`,
    };
  }
  if (!route.isEnabled) {
    return { route, verdict: 'disabled', reason: 'it would fit, but is disabled (status 0)' };
  }
  if (!winning || winning.route === route) {
    return { route, verdict: 'serves', reason: describePlace(place) };
  }
  return { route, verdict: 'precedence', reason: describeLoss(winning, place) };
}

function findServing<T extends Route>(routes: readonly T[], request: ProxyRequest): T | undefined {
  try {
    const { route } = createMatcher(routes).match(request);
    return routes.find((own) => own === route);
  } catch (error) {
    if (error instanceof ProxyError) return undefined;
    throw error;
  }
}

/** Finds the best of the route's places that matches the request. */
function findPlace(route: Route, request: ProxyRequest): Place | undefined {
  return toPlaces(route)
    .filter(({ host, uri }) => fits({ ...route, hosts: [host], uris: [uri] }, request))
    .sort(byPrecedence)[0];
}

function fits(route: Route, request: ProxyRequest): boolean {
  return findServing([route], request) !== undefined;
}

function describePlace({ uri, host, route }: Place): string {
  const of = host === '' ? '' : ` on host ${host}`;
  const methods = route.methods === undefined ? 'any method' : list([...route.methods]);
  return `${toPath(uri)}${of} fits, ${methods}`;
}

function describeLoss(winner: Place, loser: Place): string {
  const compare = (what: (place: Place) => string) =>
    `${what(loser)}; ${winner.route.id} wins with ${what(winner)}`;
  if (precedence.priority(winner, loser) !== 0) {
    return compare(({ route }) => `priority ${route.priority}`);
  }
  if (precedence.host(winner, loser) !== 0) {
    return compare(({ host }) => (host === '' ? 'no host' : `host ${host}`));
  }
  if (precedence.length(winner, loser) !== 0) {
    const what = ({ uri }: Place) => `${uri.literalLength} literal characters in ${toPath(uri)}`;
    return compare(what);
  }
  if (precedence.exactness(winner, loser) !== 0) {
    return compare(({ uri }) => `${uri.isPrefix ? 'a prefix' : 'an exact path'} (${toPath(uri)})`);
  }
  return `it has the same host, path and priority as ${winner.route.id}, whose name comes first`;
}

/** Formats a path pattern as in a document. */
function toPath({ segments, isPrefix }: Place['uri']): string {
  const path = segments.map((segment) => segment ?? ':…').join('/');
  return `/${path}${isPrefix ? '*' : ''}`;
}

function list(items: readonly string[]): string {
  return items.join(', ');
}
