import { Duration, type StackProps } from 'aws-cdk-lib';
import {
  Architecture,
  type FunctionUrlCorsOptions,
  HttpMethod,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import type { MetricsLevel } from '../../functions/proxy/log/metrics.ts';
import type { EdgeProps } from '../edge/edge-props.ts';
import type { LogLevel } from '../proxy/proxy-environment.ts';
import type { AliasProps, SigningProxyProps } from '../proxy/signing-proxy-props.ts';
import { withoutUndefined } from '../proxy/without-undefined.ts';
import { readChoice, readCount, readFlag, readList, readText } from './context.ts';
import type { CountersignStackProps, NetworkProps } from './countersign-stack.ts';

/** The settings of a deployment, from `cdk -c key=value` and the context of cdk.json. */
export interface DeploySettings {
  /** Name of the production stack. Stacks with different names are separate proxies in one account. */
  readonly stackName: string;
  readonly stack: StackProps;
  /** Whether the demo stack is part of the app. */
  readonly demo: boolean;
  /** Whether the users demo's stack is part of the app. */
  readonly usersDemo: boolean;
  readonly proxy: SigningProxyProps;
  /** Existing resources that the production stack's proxy uses. */
  readonly imported: Pick<CountersignStackProps, 'network' | 'encryptionKeyArn'>;
  /** Monitoring of the production stack's proxy. */
  readonly watch: Pick<CountersignStackProps, 'topicArn' | 'monitoring'>;
}

const logLevels = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
} as const satisfies Record<LogLevel, LogLevel>;

const architectures = { arm64: Architecture.ARM_64, x86_64: Architecture.X86_64 };

/** The retention periods, in days, that CloudWatch Logs allows. */
const retentions = Object.fromEntries(
  Object.values(RetentionDays)
    .filter((days) => typeof days === 'number' && days !== RetentionDays.INFINITE)
    .map((days) => [String(days), Number(days)]),
);

const metricsLevels = {
  off: 'off',
  total: 'total',
  routes: 'routes',
} as const satisfies Record<MetricsLevel, MetricsLevel>;

/** Reads the context keys of docs/deploy.md. Throws on a value of a wrong type; the error names the key. */
export function readDeploySettings(node: Node): DeploySettings {
  const region = readText(node, 'region');
  return {
    stackName: readText(node, 'stackName') ?? 'Countersign',
    stack: region === undefined ? {} : { env: { region } },
    demo: readFlag(node, 'demo') ?? false,
    usersDemo: readFlag(node, 'usersDemo') ?? false,
    proxy: withoutUndefined({
      parameterPath: readText(node, 'parameterPath'),
      upstreams: readList(node, 'upstreams'),
      assumableRoles: readList(node, 'assumableRoles'),
      allowedHosts: readList(node, 'allowedHosts'),
      secretPaths: readList(node, 'secretPaths'),
      envPrefix: readText(node, 'envPrefix'),
      requireAccessPlugin: readFlag(node, 'requireAccessPlugin'),
      snapshot: readSnapshot(node),
      rateLimitTable: readFlag(node, 'rateLimitTable'),
      refreshInterval: readSeconds(node, 'refreshSeconds'),
      memorySize: readCount(node, 'memorySize'),
      timeout: readSeconds(node, 'timeoutSeconds'),
      architecture: readChoice(node, 'architecture', architectures),
      reservedConcurrentExecutions: readCount(node, 'reservedConcurrency'),
      logLevel: readChoice(node, 'logLevel', logLevels),
      logRetention: readChoice(node, 'logRetentionDays', retentions),
      debugHeaders: readFlag(node, 'debugHeaders'),
      tracing: readFlag(node, 'tracing') ? Tracing.ACTIVE : undefined,
      metrics: readChoice(node, 'metrics', metricsLevels),
      edge: readEdge(node),
      alias: readAlias(node),
      cors: readCors(node),
    }),
    imported: withoutUndefined({
      network: readNetwork(node),
      encryptionKeyArn: readText(node, 'encryptionKeyArn'),
    }),
    watch: withoutUndefined({
      topicArn: readText(node, 'topicArn'),
      monitoring: readFlag(node, 'monitoring') === false ? (false as const) : undefined,
    }),
  };
}

/** Any context key of the edge creates one; `edge=true` creates one with default settings. */
function readEdge(node: Node): EdgeProps | undefined {
  const zoneName = readText(node, 'hostedZoneName');
  const hostedZoneId = readText(node, 'hostedZoneId');
  if ((zoneName === undefined) !== (hostedZoneId === undefined)) {
    throw new Error('Context hostedZoneName and hostedZoneId go together.');
  }
  const edge: EdgeProps = withoutUndefined({
    domainName: readText(node, 'domainName'),
    certificateArn: readText(node, 'certificateArn'),
    hostedZone: zoneName && hostedZoneId ? { zoneName, hostedZoneId } : undefined,
    webAclArn: readText(node, 'webAclArn'),
    managedWebAclRequests: readCount(node, 'managedWebAclRequests'),
    originSecretVersion: readText(node, 'originSecretVersion'),
  });
  const isAsked = readFlag(node, 'edge') ?? Object.keys(edge).length > 0;
  return isAsked ? edge : undefined;
}

/** Reads the settings of the snapshot. They are an error together with `snapshot=false`. */
function readSnapshot(node: Node): SigningProxyProps['snapshot'] {
  if (node.tryGetContext('documentGuard') !== undefined) {
    throw new Error(
      'Context documentGuard was removed: the publisher of the snapshot judges documents. For no publisher set snapshot=false.',
    );
  }
  const minutes = readCount(node, 'reconcileMinutes');
  const isAsked = readFlag(node, 'snapshot') ?? true;
  if (isAsked)
    return minutes === undefined ? undefined : { reconcileEvery: Duration.minutes(minutes) };
  if (minutes === undefined) return false;
  throw new Error('Context reconcileMinutes needs a snapshot, and snapshot is false.');
}

function readAlias(node: Node): AliasProps | undefined {
  const name = readText(node, 'alias');
  return name === undefined ? undefined : { name };
}

/** Any CORS key makes Lambda answer preflights. The origins are then required. */
function readCors(node: Node): FunctionUrlCorsOptions | undefined {
  const allowedOrigins = readList(node, 'corsOrigins');
  const others = withoutUndefined({
    allowedHeaders: readList(node, 'corsHeaders'),
    allowedMethods: readList(node, 'corsMethods')?.map(toCorsMethod),
    allowCredentials: readFlag(node, 'corsCredentials'),
    maxAge: readSeconds(node, 'corsMaxAgeSeconds'),
  });
  if (allowedOrigins)
    return { allowedOrigins: [...allowedOrigins], ...others } as FunctionUrlCorsOptions;
  const [first] = Object.keys(others);
  if (first === undefined) return undefined;
  throw new Error('Context corsOrigins is missing: the other CORS keys require it.');
}

function toCorsMethod(text: string): HttpMethod {
  const method = Object.values(HttpMethod).find((known) => known === text.toUpperCase());
  // Lambda adds OPTIONS by itself, and refuses it in the list.
  if (method && method !== HttpMethod.OPTIONS) return method;
  throw new Error(
    `Context corsMethods is ${JSON.stringify(text)}; expected GET, PUT, HEAD, POST, DELETE, PATCH or *.`,
  );
}

/** Reads the VPC. Subnets require their VPC, and nothing is looked up in the account. */
function readNetwork(node: Node): NetworkProps | undefined {
  const vpcId = readText(node, 'vpcId');
  const subnetIds = readList(node, 'subnetIds');
  const securityGroupIds = readList(node, 'securityGroupIds');
  if (!vpcId && !subnetIds && !securityGroupIds) return undefined;
  if (vpcId && subnetIds) return { vpcId, subnetIds, ...withoutUndefined({ securityGroupIds }) };
  throw new Error('Context vpcId and subnetIds go together, and securityGroupIds needs both.');
}

function readSeconds(node: Node, key: string): Duration | undefined {
  const seconds = readCount(node, key);
  return seconds === undefined ? undefined : Duration.seconds(seconds);
}
