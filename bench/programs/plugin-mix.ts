/**
 * Plugins as a careful operator puts them on a route, so configured that each does its work and lets the request pass.
 * Another one is a line here.
 */

/** What the event of a request has to bring along for them. */
export const clientHeaders = { apikey: 'bench-key' } as const;
export const consumer = {
  username: 'bench',
  plugins: { 'key-auth': { key: clientHeaders.apikey } },
};

const candidates: Readonly<Record<string, unknown>> = {
  'key-auth': {},
  'ip-restriction': { whitelist: ['198.51.100.0/24', '2001:db8::/32'] },
  'api-breaker': { break_response_code: 503 },
  cors: { allow_origins: 'https://app.example.com' },
  'request-id': {},
  'ua-restriction': { denylist: ['badbot', '^curl/'] },
  'uri-blocker': { block_rules: ['\\.php$', 'wp-admin'] },
  'limit-count': {
    count: 1_000_000_000,
    time_window: 3600,
    key: 'remote_addr',
    policy: 'local',
  },
  'referer-restriction': { bypass_missing: true, whitelist: ['*.example.com'] },
  'response-rewrite': { headers: { set: { 'x-bench': '1' } } },
};

/** @returns the first `count` of those that the registry has */
export function toPluginMix(count: number, registry: object): Readonly<Record<string, unknown>> {
  const existing = Object.entries(candidates).filter(([name]) => Object.hasOwn(registry, name));
  return Object.fromEntries(existing.slice(0, count));
}
