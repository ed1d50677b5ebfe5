/**
 * Typical plugins of a route, configured so that each does its work and passes the request on. To add one, add a line.
 */

/** Headers that the requests need for these plugins. */
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
