/** The routes of a run: what each is for, and its document at a version. */

/** The last three share an upstream that refuses connections at times. */
const routeIds = [
  'plain',
  'keyed',
  'retried',
  'breaker',
  'coming',
  'going',
  'refused',
  'refused-retried',
] as const;
export type RouteId = (typeof routeIds)[number];

export const allRoutes: readonly RouteId[] = routeIds;
/** Those that are deleted and come back. */
export const movingRoutes: readonly RouteId[] = ['coming', 'going'];

/** Longest rest of the breaker. */
export const breakerMs = 3000;
const routeTimeoutMs = 800;

export function isBehindOutages(route: RouteId): boolean {
  return route.startsWith('refused');
}

export interface UpstreamUrls {
  readonly steady: string;
  readonly shaky: string;
}

export function toDocument(route: RouteId, version: string, urls: UpstreamUrls): object {
  const base = isBehindOutages(route) ? urls.shaky : urls.steady;
  const isRetried = route.endsWith('retried');
  const breaker = {
    break_response_code: 503,
    max_breaker_sec: breakerMs / 1000,
    unhealthy: { http_statuses: [500, 502, 503, 504], failures: 3 },
    healthy: { successes: 1 },
  };
  return {
    uri: `/${route}/*`,
    ...(isRetried ? { retries: 2, retry_timeout: 3 } : {}),
    plugins: {
      'aws-lambda': {
        function_uri: `${base}/${route}/${version}`,
        authorization: {
          iam: {},
          ...(route === 'keyed' ? { apikey: '$secret://ssm/key' } : {}),
        },
        timeout: routeTimeoutMs,
        ...(isRetried ? { retry_on: [429, 502, 503] } : {}),
      },
      ...(route === 'breaker' ? { 'api-breaker': breaker } : {}),
    },
  };
}

/** Malformed documents, which must not come into force: one that only lacks something would claim its path, and answer 503. */
export const brokenDocuments: readonly string[] = [
  '{"uri": ',
  '[]7',
  '{"uri": "/plain/*", "plugins": {"no-such-plugin": {}}}',
  '{"uri": "/plain/*", "plugins": {"aws-lambda": {"function_uri": "https://a@evil.example/"}}}',
  '{"uri": "/plain/*", "plugins": {"aws-lambda": {"function_uri": "$secret://ssm/none"}}, "x": 1}',
];
