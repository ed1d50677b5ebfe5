import { type Duration, Token } from 'aws-cdk-lib';
import type { MetricsLevel } from '../../functions/proxy/log/metrics.ts';
import { type AllowedHost, parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import type { LimitTable } from './limit-table.ts';

/** How much the proxy writes to its log. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Settings of the proxy that become environment variables. docs/operations.md lists the variables. */
export interface ProxyEnvironmentProps {
  /**
   * How often a warm environment looks for changes: for a newer snapshot in S3, or in Parameter Store in direct mode.
   * Whole seconds, 1 to 86400.
   * @default - 10 seconds
   */
  readonly refreshInterval?: Duration | undefined;

  /**
   * Allowed upstream hosts besides AWS's own endpoints, as `host`, `host:port` or `*.domain`.
   * @default - only function URLs and API Gateway
   */
  readonly allowedHosts?: readonly string[] | undefined;

  /**
   * Absolute paths of secrets, in Parameter Store or as `/aws/reference/secretsmanager/<name>`. Documents may refer to
   * secrets below them by `$secret://ssm//<name>`, and the publisher's role may read them. A secret with its own KMS
   * key also needs `key.grantDecrypt(proxy.documentReader)`.
   * @default - none: documents may refer to secrets below `<parameterPath>/secrets/` only
   */
  readonly secretPaths?: readonly string[] | undefined;

  /**
   * Prefix of the environment variables that documents may refer to by `$env://NAME`.
   * @default - `COUNTERSIGN_VAR_`
   */
  readonly envPrefix?: string | undefined;

  /**
   * Adds the headers `countersign-route` and `countersign-table` to responses. They tell clients about your
   * configuration.
   * @default false
   */
  readonly debugHeaders?: boolean | undefined;

  /**
   * Minimum severity of the log lines that are written.
   * @default - `info`
   */
  readonly logLevel?: LogLevel | undefined;

  /**
   * CloudWatch metrics, made from the access log: for each route and in total (`routes`), in total only (`total`), or
   * none (`off`). docs/operations.md lists their costs.
   * @default 'routes'
   */
  readonly metrics?: MetricsLevel | undefined;

  /**
   * Refuses every route without an access plugin (one that refuses clients by key, token or address), at synth and at
   * run time.
   * @default false
   */
  readonly requireAccessPlugin?: boolean | undefined;
}

/** The metrics level that the construct sets by default. The built function itself measures nothing by default. */
export const defaultMetrics: MetricsLevel = 'routes';

/**
 * The function's environment variables. Only settings that are given are set, so that the built function alone defines
 * the defaults. Throws on an interval that the function would refuse.
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

/** Parses the hosts as the function will. Throws on a host that it would refuse. Tokens are not checked. */
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
