import { type Duration, Token } from 'aws-cdk-lib';
import type { MetricsLevel } from '../../functions/proxy/log/metrics.ts';
import { type AllowedHost, parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import type { LimitTable } from './limit-table.ts';

/** How much the proxy writes to its log. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Everything of the proxy that is an environment variable: the runtime contract of docs/architecture.md. */
export interface ProxyEnvironmentProps {
  /**
   * How often a warm environment asks for changes: S3 for a newer snapshot, or Parameter Store in direct mode. Whole seconds, 1 to 86400.
   * @default - the runtime's own, 10 seconds
   */
  readonly refreshInterval?: Duration;

  /**
   * Upstream hosts besides AWS's own endpoints, as `host`, `host:port` or `*.domain`.
   * @default - only function URLs and API Gateway
   */
  readonly allowedHosts?: readonly string[];

  /**
   * Absolute paths below which documents may refer to secrets by `$secret://ssm//<name>`, and the
   * publisher's role may read them: in Parameter Store, or `/aws/reference/secretsmanager/<name>`. A secret with a KMS key of
   * its own needs `key.grantDecrypt(proxy.documentReader)` too.
   * @default - none: documents refer to what is below `<parameterPath>/secrets/`
   */
  readonly secretPaths?: readonly string[];

  /**
   * Beginning of the names of environment variables that documents may refer to by `$env://NAME`.
   * @default - the runtime's own, `COUNTERSIGN_VAR_`
   */
  readonly envPrefix?: string;

  /**
   * Answers carry `countersign-route` and `countersign-table`, which tell clients about your configuration.
   * @default false
   */
  readonly debugHeaders?: boolean;

  /**
   * The least severe line that is written.
   * @default - the runtime's own, `info`
   */
  readonly logLevel?: LogLevel;

  /**
   * CloudWatch metrics of requests, made of the access log: of each route and in total, in total only (`total`), or
   * `off`. docs/operations.md has what they cost.
   * @default 'routes'
   */
  readonly metrics?: MetricsLevel;

  /**
   * Refuses every route without a plugin that keeps someone out (keys, tokens, addresses), now and at run time.
   * @default false
   */
  readonly requireAccessPlugin?: boolean;
}

/** What a proxy measures where nothing else is asked for; the runtime alone measures nothing. */
export const defaultMetrics: MetricsLevel = 'routes';

/**
 * The function's environment variables. What is not asked for is not set, so that a default lives in one place:
 * the runtime. Throws on an interval that the runtime would refuse.
 */
export function toProxyEnvironment(
  parameterPath: string,
  props: ProxyEnvironmentProps,
  limitTable?: LimitTable,
): Record<string, string> {
  const { refreshInterval, allowedHosts = [], secretPaths = [], envPrefix } = props;
  const { logLevel, debugHeaders, requireAccessPlugin } = props;
  return {
    COUNTERSIGN_PARAMETER_PATH: parameterPath,
    ...(refreshInterval && { COUNTERSIGN_REFRESH_SECONDS: toRefreshSeconds(refreshInterval) }),
    ...(allowedHosts.length > 0 && { COUNTERSIGN_ALLOWED_HOSTS: allowedHosts.join(',') }),
    ...(secretPaths.length > 0 && { COUNTERSIGN_SECRET_PATHS: secretPaths.join(',') }),
    ...(envPrefix && { COUNTERSIGN_ENV_PREFIX: envPrefix }),
    ...(logLevel && { COUNTERSIGN_LOG_LEVEL: logLevel }),
    ...(debugHeaders && { COUNTERSIGN_DEBUG_HEADERS: '1' }),
    ...(requireAccessPlugin && { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' }),
    ...(limitTable && { COUNTERSIGN_LIMIT_TABLE: limitTable.tableName }),
    COUNTERSIGN_METRICS: props.metrics ?? defaultMetrics,
  };
}

/** The hosts as the runtime will read them. Throws on one that it would refuse; tokens are left to it. */
export function toAllowedHosts(hosts: readonly string[] = []): readonly AllowedHost[] {
  const known = hosts.filter((host) => !Token.isUnresolved(host));
  return known.flatMap((host) =>
    parseAllowedHosts(host, (found) => {
      throw new Error(
        `allowedHosts has ${JSON.stringify(found)}; expected host, host:port or *.domain, with no scheme and no path.`,
      );
    }),
  );
}

function toRefreshSeconds(interval: Duration): string {
  const seconds = interval.toSeconds();
  if (seconds >= 1 && seconds <= 86_400) return String(seconds);
  throw new Error(`refreshInterval is ${seconds} seconds; expected 1 to 86400.`);
}
