/** The only file of the runtime that reads `process.env`: variables in, one read-only value out. */

import {
  defaultEnvPrefix,
  parseEnvPrefix,
  parseSecretPaths,
  type ReferenceRules,
} from './documents/reference-rules.ts';
import type { LogLevel } from './log/log.ts';
import type { MetricsLevel } from './log/metrics.ts';
import { type AllowedHost, parseAllowedHosts } from './send/hosts.ts';
import type { ObjectAddress } from './send/object-store.ts';
import { toDnsSuffix } from './sign/partitions.ts';
import type { Credentials } from './sign/provider.ts';

/** The proxy's settings, parsed once from the environment (docs/operations.md, "Environment"). */
export interface Config {
  /** Root of the documents, for example `/countersign/prod`; no trailing slash. */
  readonly parameterPath: string;
  readonly refreshMs: number;
  readonly allowedHosts: readonly AllowedHost[];
  readonly logLevel: LogLevel;
  readonly debugHeaders: boolean;
  readonly metrics: MetricsLevel;
  /** Refuse routes that are open to everyone. */
  readonly requireAccessPlugin: boolean;
  /** Name of the parameter that holds what every request must carry; undefined when the URL is open. */
  readonly originSecret: string | undefined;
  /** The function's own region. */
  readonly region: string;
  readonly ssmEndpoint: URL;
  /** Where the snapshot is; undefined for direct mode, which reads Parameter Store. */
  readonly snapshot: SnapshotSettings | undefined;
  readonly stsEndpoint: string | undefined;
  readonly dynamoDbEndpoint: URL;
  /** Name or ARN of the table that limits count in; undefined where there is none. */
  readonly limitTable: string | undefined;
  /** Credentials come from the container endpoint (Managed Instances) instead of variables. */
  readonly hasContainerCredentials: boolean;
  /** The role's keys, read anew at each call, because Lambda may rotate them; undefined when they are not set. */
  readonly readEnvironmentCredentials: () => Credentials | undefined;
  /** What documents may refer to. */
  readonly rules: ReferenceRules;
  /** A variable by name, without any rule. */
  readonly readVariable: (name: string) => string | undefined;
}

/** Where the snapshot is, and how it is encrypted. */
export interface SnapshotSettings {
  /** `s3://<bucket>/<key>` */
  readonly uri: string;
  readonly address: ObjectAddress;
  /** Endpoint of a stand-in for S3; undefined for the bucket's own host. */
  readonly s3Endpoint: URL | undefined;
  /** Id, ARN or alias of the KMS key; undefined where the snapshot is not encrypted. */
  readonly keyId: string | undefined;
  readonly kmsEndpoint: URL;
}

/** A wrong environment variable. The message names it, the value found and the value expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError on a missing or invalid variable: a wrong value is never replaced by a default. */
export function readConfig(env: Environment = process.env): Config {
  const region = required(env, 'AWS_REGION', 'the region of this function, such as us-east-1');
  const parameterPath = readParameterPath(env);
  const rules = readRules(env, parameterPath);
  return {
    parameterPath,
    refreshMs: readRefreshMs(env),
    allowedHosts: parseAllowedHosts(env['COUNTERSIGN_ALLOWED_HOSTS'] ?? '', (found) => {
      throw invalid(
        'COUNTERSIGN_ALLOWED_HOSTS',
        found,
        'host[:port], comma-separated, `*.` allowed in front',
      );
    }),
    logLevel: readLogLevel(env),
    debugHeaders: readFlag(env, 'COUNTERSIGN_DEBUG_HEADERS'),
    metrics: readMetricsLevel(env),
    requireAccessPlugin: readFlag(env, 'COUNTERSIGN_REQUIRE_ACCESS_PLUGIN'),
    originSecret: rules.originSecret,
    region,
    ssmEndpoint: readServiceEndpoint(env, 'ssm', region),
    snapshot: readSnapshotSettings(env, region),
    stsEndpoint: readEndpoint(env, 'AWS_ENDPOINT_URL_STS')?.href,
    dynamoDbEndpoint: readServiceEndpoint(env, 'dynamodb', region),
    limitTable: readLimitTable(env),
    hasContainerCredentials: Boolean(env['AWS_CONTAINER_CREDENTIALS_FULL_URI']),
    readEnvironmentCredentials: () => readCredentials(env),
    rules,
    readVariable: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
  };
}

/**
 * What documents may refer to, by the operator's settings.
 *
 * @throws ConfigError
 */
export function readRules(env: Environment, root: string): ReferenceRules {
  const [paths, prefix] = ['COUNTERSIGN_SECRET_PATHS', 'COUNTERSIGN_ENV_PREFIX'] as const;
  const toRefusal = (name: string) => (found: string, expected: string) => {
    throw invalid(name, found, expected);
  };
  return {
    root,
    originSecret: readOriginSecret(env, root),
    secretPaths: parseSecretPaths(env[paths] ?? '', root, toRefusal(paths)),
    envPrefix: parseEnvPrefix(env[prefix] ?? defaultEnvPrefix, toRefusal(prefix)),
  };
}

function readCredentials(env: Environment): Credentials | undefined {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function readParameterPath(env: Environment): string {
  const name = 'COUNTERSIGN_PARAMETER_PATH';
  const expected = 'a Parameter Store path such as /countersign/prod';
  const path = required(env, name, expected).replace(/\/$/, '');
  if (!/^(\/[\w.-]+)+$/.test(path)) throw invalid(name, path, expected);
  return path;
}

function readRefreshMs(env: Environment): number {
  const name = 'COUNTERSIGN_REFRESH_SECONDS';
  const text = env[name] || '10';
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > 86_400) {
    throw invalid(name, text, 'a number of seconds from 0 to 86400');
  }
  return seconds * 1000;
}

function readLogLevel(env: Environment): LogLevel {
  const name = 'COUNTERSIGN_LOG_LEVEL';
  const level = (env[name] || 'info').toLowerCase();
  if (level === 'debug' || level === 'info' || level === 'warn' || level === 'error') return level;
  throw invalid(name, level, 'debug, info, warn or error');
}

function readMetricsLevel(env: Environment): MetricsLevel {
  const name = 'COUNTERSIGN_METRICS';
  const level = (env[name] || 'off').toLowerCase();
  if (level === 'off' || level === 'total' || level === 'routes') return level;
  throw invalid(name, level, 'off, total or routes');
}

function readFlag(env: Environment, name: string): boolean {
  const text = (env[name] || '0').toLowerCase();
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  throw invalid(name, text, '1 or 0');
}

/** A variable that is set to a wrong or empty value is refused: treated as not set, it would open the URL. */
function readOriginSecret(env: Environment, parameterPath: string): string | undefined {
  const name = 'COUNTERSIGN_ORIGIN_SECRET';
  const text = env[name];
  if (text === undefined) return undefined;
  const [, reference] = /^(?:\$secret:\/\/ssm\/|(?=\/))([\w./+=@-]+)$/.exec(text) ?? [];
  // What was found may be the secret itself.
  if (!reference) throw invalid(name, 'something else', 'a reference such as $secret://ssm/<name>');
  return reference.startsWith('/') ? reference : `${parameterPath}/secrets/${reference}`;
}

function readSnapshotSettings(env: Environment, region: string): SnapshotSettings | undefined {
  const name = 'COUNTERSIGN_SNAPSHOT_URI';
  const uri = env[name];
  if (!uri) return undefined;
  const [, bucket, key] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([\w-][\w.-]*(?:\/[\w-][\w.-]*)*)$/.exec(uri) ??
    [];
  if (bucket === undefined || key === undefined) {
    throw invalid(name, uri, 's3://<bucket>/<key>, the key of letters, digits and _ . - /');
  }
  return {
    uri,
    address: { bucket, key },
    s3Endpoint: readEndpoint(env, 'AWS_ENDPOINT_URL_S3'),
    keyId: readSnapshotKey(env),
    kmsEndpoint: readServiceEndpoint(env, 'kms', region),
  };
}

/** A variable that is set to an empty value is refused: treated as not set, it would take the encryption away. */
function readSnapshotKey(env: Environment): string | undefined {
  const name = 'COUNTERSIGN_SNAPSHOT_KEY';
  const key = env[name];
  if (key === undefined || /^[\w:/-]{1,2048}$/.test(key)) return key;
  throw invalid(name, key === '' ? 'nothing' : key, 'the id, ARN or alias of a KMS key');
}

function readLimitTable(env: Environment): string | undefined {
  const name = 'COUNTERSIGN_LIMIT_TABLE';
  const table = env[name];
  if (!table) return undefined;
  if (/^[\w.-]{3,255}$/.test(table) || /^arn:[\w-]+:dynamodb:[\w:/.-]+$/.test(table)) return table;
  throw invalid(name, table, 'the name or ARN of a DynamoDB table');
}

function readServiceEndpoint(
  env: Environment,
  service: 'ssm' | 'dynamodb' | 'kms',
  region: string,
): URL {
  const given = readEndpoint(env, `AWS_ENDPOINT_URL_${service.toUpperCase()}`);
  return given ?? new URL(`https://${service}.${region}.${toDnsSuffix(region)}/`);
}

/** A service's own variable, else the one for all services. */
function readEndpoint(env: Environment, ownName: string): URL | undefined {
  const name = env[ownName] ? ownName : 'AWS_ENDPOINT_URL';
  const text = env[name];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw invalid(name, text, 'an http: or https: URL');
}

function required(env: Environment, name: string, expected: string): string {
  const value = env[name];
  if (!value) throw invalid(name, 'nothing', expected);
  return value;
}

function invalid(name: string, found: string, expected: string): ConfigError {
  return new ConfigError(`environment variable ${name}: found ${found}, expected ${expected}`);
}
