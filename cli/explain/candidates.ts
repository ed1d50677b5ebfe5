/** Why a route serves a request, or does not: the runtime's matcher, asked about one route at a time. */
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/match.ts';
import {
  byPrecedence,
  type Claim,
  precedence,
  toClaims,
} from '../../functions/proxy/routes/precedence.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';

/** What decided, the nearest miss first. */
export type Verdict = 'serves' | 'precedence' | 'disabled' | 'method' | 'host' | 'path';

/** A route, and why it serves the request or does not. */
export interface Candidate<T extends Route> {
  readonly route: T;
  readonly verdict: Verdict;
  /** The reason, as the rest of a sentence that begins with the route. */
  readonly reason: string;
}

const nearestFirst: readonly Verdict[] = [
  'serves',
  'precedence',
  'disabled',
  'method',
  'host',
  'path',
];

/** Every route with its verdict, the one that serves first, then the nearest misses. */
export function judgeRoutes<T extends Route>(
  routes: readonly T[],
  request: ProxyRequest,
): Candidate<T>[] {
  const enabled = routes.filter((route) => route.isEnabled);
  const winner = findServing(enabled, request);
  const winning = winner && findClaim(winner, request);
  return routes
    .map((route) => judge(route, request, winning))
    .sort((a, b) => nearestFirst.indexOf(a.verdict) - nearestFirst.indexOf(b.verdict));
}

function judge<T extends Route>(
  route: T,
  request: ProxyRequest,
  winning: Claim | undefined,
): Candidate<T> {
  if (!fits({ ...route, hosts: [''], methods: undefined }, request)) {
    const paths = toClaims(route).map(({ uri }) => toPath(uri));
    return { route, verdict: 'path', reason: `its path is ${list(paths)}` };
  }
  if (!fits({ ...route, methods: undefined }, request)) {
    const asked = request.host === '' ? 'the request names none' : `not ${request.host}`;
    return { route, verdict: 'host', reason: `its host is ${list(route.hosts)}, ${asked}` };
  }
  const claim = findClaim(route, request);
  if (!claim) {
    const methods = list([...(route.methods ?? [])]);
    return { route, verdict: 'method', reason: `it takes ${methods}, not ${request.method}` };
  }
  if (!route.isEnabled) {
    return { route, verdict: 'disabled', reason: 'it would fit, but is disabled (status 0)' };
  }
  if (!winning || winning.route === route) {
    return { route, verdict: 'serves', reason: describeClaim(claim) };
  }
  return { route, verdict: 'precedence', reason: describeLoss(winning, claim) };
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

/** The best of a route's claims that fits the request. */
function findClaim(route: Route, request: ProxyRequest): Claim | undefined {
  return toClaims(route)
    .filter(({ host, uri }) => fits({ ...route, hosts: [host], uris: [uri] }, request))
    .sort(byPrecedence)[0];
}

function fits(route: Route, request: ProxyRequest): boolean {
  return findServing([route], request) !== undefined;
}

function describeClaim({ uri, host, route }: Claim): string {
  const of = host === '' ? '' : ` on host ${host}`;
  const methods = route.methods === undefined ? 'any method' : list([...route.methods]);
  return `${toPath(uri)}${of} fits, ${methods}`;
}

function describeLoss(winner: Claim, loser: Claim): string {
  const compare = (what: (claim: Claim) => string) =>
    `${what(loser)}; ${winner.route.id} wins with ${what(winner)}`;
  if (precedence.priority(winner, loser) !== 0) {
    return compare(({ route }) => `priority ${route.priority}`);
  }
  if (precedence.host(winner, loser) !== 0) {
    return compare(({ host }) => (host === '' ? 'no host' : `host ${host}`));
  }
  if (precedence.length(winner, loser) !== 0) {
    const what = ({ uri }: Claim) => `${uri.literalLength} literal characters in ${toPath(uri)}`;
    return compare(what);
  }
  if (precedence.exactness(winner, loser) !== 0) {
    return compare(({ uri }) => `${uri.isPrefix ? 'a prefix' : 'an exact path'} (${toPath(uri)})`);
  }
  return `it claims the same as ${winner.route.id}, whose name comes first`;
}

/** A pattern as one would write it. */
function toPath({ segments, isPrefix }: Claim['uri']): string {
  const path = segments.map((segment) => segment ?? ':…').join('/');
  return `/${path}${isPrefix ? '*' : ''}`;
}

function list(items: readonly string[]): string {
  return items.join(', ');
}
