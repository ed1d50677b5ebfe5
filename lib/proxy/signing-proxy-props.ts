import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ILambdaDeploymentConfig } from 'aws-cdk-lib/aws-codedeploy';
import type { ISecurityGroup, IVpc, SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Architecture, FunctionUrlCorsOptions, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { EdgeProps } from '../edge/edge-props.ts';
import type { SnapshotOptions } from '../publisher/publisher-options.ts';
import type { Upstream } from './invoke-statements.ts';
import type { LimitTable } from './limit-table.ts';
import type { ProxyEnvironmentProps } from './proxy-environment.ts';

/** How a `SigningProxy` is built; everything has a default. */
export interface SigningProxyProps extends ProxyEnvironmentProps {
  /**
   * Root of the proxy's documents in Parameter Store: routes are `<root>/routes/<id>`.
   * Set it where the path is a contract with those who edit routes: the default follows construct ids.
   * @default - `/countersign/<stack name>/<construct path>`
   */
  readonly parameterPath?: string;

  /**
   * Route documents by id. Each is checked now, created once, and an operator's from then on.
   * @default - none
   */
  readonly routes?: Readonly<Record<string, object>>;

  /**
   * What the role may call: constructs of this app, ARNs, or URLs of API Gateway; `*` allowed in ARNs and URLs.
   * @default - nothing, until `grantInvokeUpstream`
   */
  readonly upstreams?: readonly Upstream[];

  /**
   * Roles, or ARNs of roles, that routes may name as `role_arn`. Each must trust the proxy's role on its side.
   * @default - none
   */
  readonly assumableRoles?: readonly (IRole | string)[];

  /**
   * The snapshot that the function reads its documents from, and the publisher that writes it. `false` is direct mode: the
   * function reads Parameter Store itself, for few environments and few routes (docs/quotas.md); nobody is told of edits.
   * @default - both, with their defaults
   */
  readonly snapshot?: SnapshotOptions | false;

  /**
   * Customer-managed key that encrypts SecureString parameters below the path, and the snapshot; what reads documents may
   * decrypt those with it and nothing else. The AWS managed key `aws/ssm` needs no grant.
   * @default - none
   */
  readonly encryptionKey?: IKey;

  /**
   * Counts of rate limits that all environments share: `true` creates a DynamoDB table on demand; one of your own has
   * the partition key `key` (a string) and the TTL attribute `expires_at`.
   * @default - none: each environment counts for itself
   */
  readonly rateLimitTable?: boolean | LimitTable;

  /**
   * Memory in MB, and with it the share of a CPU. 512 MB is 0.29 of a core, so that a few ms of signing stay a
   * few ms, and holds a request of the largest size (6 MB) several times over.
   * @default 512
   */
  readonly memorySize?: number;

  /**
   * The longest that one answer may take, its stream included. A silent upstream is cut by the route's own
   * `timeout` long before. The largest stream Lambda allows, 200 MB, takes 100 s at the rate Lambda allows.
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * Processor of the function; the built code runs on both.
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;

  /**
   * Upper limit of environments, and so of spending: a public URL has no other throttle. Requests per second are
   * limited to ten times as many. Lambda insists on leaving 100 of the account's quota unreserved.
   * @default - no limit but the account's
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * How long log lines are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of the log group when the stack is deleted.
   * @default - RemovalPolicy.RETAIN: an access log outlives what it is about, until its retention ends
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * X-Ray: by default a client's trace header travels on to the upstream, unsigned; `ACTIVE` records the function too.
   * @default Tracing.PASS_THROUGH
   */
  readonly tracing?: Tracing;

  /**
   * Lets Lambda itself answer preflights and set CORS headers, for all routes alike. The `cors` plugin does it by
   * route, in the proxy. Use one of them, never both.
   * @default - off: upstreams or plugins answer
   */
  readonly cors?: FunctionUrlCorsOptions;

  /**
   * Network in which the function runs, to reach private APIs; from there it needs a way to S3 and KMS too
   * (docs/construct.md). The publisher is not in it.
   * @default - none: AWS's own network, with the internet
   */
  readonly vpc?: IVpc | Vpc;

  /**
   * Subnets of `vpc`.
   * @default - its private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups in `vpc`.
   * @default - one that lets everything out and nothing in
   */
  readonly securityGroups?: readonly ISecurityGroup[];

  /**
   * Publishes a version with each deployment and points the function URL at an alias of it. Adding or removing this
   * later gives the proxy another function URL.
   * @default - the URL points at the function
   */
  readonly alias?: AliasProps;

  /**
   * CloudFront in front, and a function URL that answers only CloudFront.
   * @default - none: clients call the function URL
   */
  readonly edge?: EdgeProps;

  /**
   * Folder whose bytes are deployed, with `index.mjs` in it.
   * @default - `dist/proxy` of this package, written by `npm run build`
   */
  readonly codePath?: string;
}

/** How new versions come into service. */
export interface AliasProps {
  /**
   * Name of the alias.
   * @default 'live'
   */
  readonly name?: string;

  /**
   * Has CodeDeploy shift requests to a new version step by step, for example
   * `LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES`.
   * @default - all at once
   */
  readonly gradual?: ILambdaDeploymentConfig;

  /**
   * Alarms that end a gradual deployment and bring the last version back; more by
   * `proxy.deploymentGroup.addAlarm()`.
   * @default - none: only failed deployments are rolled back
   */
  readonly alarms?: readonly IAlarm[];
}
