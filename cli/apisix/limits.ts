/** Limits that count in Redis, which count in the proxy's table in its place. */
import type { Resource } from './read.ts';

const redisPolicies = ['redis', 'redis-cluster', 'redis-sentinel'];
/** Fields that only say how Redis is reached, or what it keeps. */
const redisField = /^(redis_.*|sync_interval|key_ttl)$/;

/** Makes `dynamodb` of the policies of Redis, and removes the fields that only Redis has. */
export function convertLimit(
  name: string,
  config: Resource,
): { readonly config: Resource; readonly remarks: readonly string[] } {
  const { policy } = config;
  if (!redisPolicies.includes(String(policy))) return { config, remarks: [] };
  const entries = Object.entries(config);
  const kept = entries.filter(([field]) => !redisField.test(field));
  const dropped = entries.flatMap(([field]) => (redisField.test(field) ? [field] : []));
  const verb = dropped.length === 1 ? 'is' : 'are';
  const remarks = [
    `policy ${policy} of ${name} is dynamodb: the proxy needs its limit table (rateLimitTable of the construct, COUNTERSIGN_LIMIT_TABLE)`,
    ...(dropped.length === 0
      ? []
      : [`${dropped.join(', ')} of ${name} ${verb} left out: there is no Redis here`]),
  ];
  return { config: { ...Object.fromEntries(kept), policy: 'dynamodb' }, remarks };
}
