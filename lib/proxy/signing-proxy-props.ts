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

/** Props of a `SigningProxy`. All of them are optional. */
export interface SigningProxyProps extends ProxyEnvironmentProps {
  /**
   * Root of the proxy's documents in Parameter Store: routes are `<root>/routes/<id>`. The default depends on construct
   * ids; set the path if people or scripts that edit routes rely on it.
   * @default - `/countersign/<stack name>/<construct path>`
   */
  readonly parameterPath?: string | undefined;

  /**
   * Route documents by id. Synth checks each document. The deployment creates it once; after that only operators change
   * it.
   * @default - none
   */
  readonly routes?: Readonly<Record<string, object>> | undefined;

  /**
   * Upstreams that the role may call: constructs of this app, ARNs, or URLs of API Gateway. ARNs and URLs may contain
   * `*`.
   * @default - none, until `grantInvokeUpstream` is called
   */
  readonly upstreams?: readonly Upstream[] | undefined;

  /**
   * Roles, or ARNs of roles, that routes may name as `role_arn`. The trust policy of each must allow the proxy's role.
   * @default - none
   */
  readonly assumableRoles?: readonly (IRole | string)[] | undefined;

  /**
   * Settings of the snapshot, from which the function reads its documents, and of the publisher, which writes it.
   * `false` is direct mode: the function reads Parameter Store itself. Direct mode suits few environments and few
   * routes (docs/quotas.md), and sends no messages about edits.
   * @default - a snapshot and a publisher with default settings
   */
  readonly snapshot?: SnapshotOptions | false | undefined;

  /**
   * Customer-managed key that encrypts the snapshot, and SecureString parameters below the path. The reader of
   * documents may use the key to decrypt only these parameters. The AWS managed key `aws/ssm` needs no grant.
   * @default - none
   */
  readonly encryptionKey?: IKey | undefined;

  /**
   * DynamoDB table in which all environments share the counts of rate limits. `true` creates an on-demand table. A
   * table of your own needs the partition key `key` (a string) and the TTL attribute `expires_at`.
   * @default - none: each environment counts for itself
   */
  readonly rateLimitTable?: boolean | LimitTable | undefined;

  /**
   * Memory in MB. Lambda allots CPU in proportion to it. 512 MB comes with 0.29 of a core, so that signing takes a few
   * milliseconds, and holds several copies of the largest request (6 MB).
   * @default 512
   */
  readonly memorySize?: number | undefined;

  /**
   * Maximum time for one response, including its stream. The `timeout` in a route's document cuts a silent upstream much
   * earlier. The largest stream that Lambda allows, 200 MB, takes 100 s at the rate that Lambda allows.
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration | undefined;

  /**
   * Processor of the function. The built code runs on both.
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture | undefined;

  /**
   * Maximum number of environments. It limits costs, because a public URL has no other throttle. Lambda admits at most
   * ten requests a second for each environment, and requires that 100 of the account's quota stay unreserved.
   * @default - only the account's limit
   */
  readonly reservedConcurrentExecutions?: number | undefined;

  /**
   * How long log lines are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays | undefined;

  /**
   * Whether the log group is deleted with the stack.
   * @default - RemovalPolicy.RETAIN: the access log stays until its retention ends
   */
  readonly logRemovalPolicy?: RemovalPolicy | undefined;

  /**
   * X-Ray tracing. By default the proxy passes a client's trace header on to the upstream, unsigned. `ACTIVE` also
   * records the function.
   * @default Tracing.PASS_THROUGH
   */
  readonly tracing?: Tracing | undefined;

  /**
   * Makes Lambda answer preflights and set CORS headers, for all routes alike. The plugin `cors` does this for one
   * route, in the proxy. Use one of the two, never both.
   * @default - off: upstreams or plugins set the headers
   */
  readonly cors?: FunctionUrlCorsOptions | undefined;

  /**
   * Network in which the function runs, so that it can reach private APIs. From there it also needs access to S3 and
   * KMS (docs/construct.md). The publisher does not run in this network.
   * @default - none: Lambda's own network, which has internet access
   */
  readonly vpc?: IVpc | Vpc | undefined;

  /**
   * Subnets of `vpc`.
   * @default - its private subnets
   */
  readonly vpcSubnets?: SubnetSelection | undefined;

  /**
   * Security groups in `vpc`.
   * @default - one that allows all outbound traffic and no inbound traffic
   */
  readonly securityGroups?: readonly ISecurityGroup[] | undefined;

  /**
   * Publishes a version with each deployment and points the function URL at an alias of it. If you add or remove this
   * later, the proxy gets another function URL.
   * @default - the URL points at the function
   */
  readonly alias?: AliasProps | undefined;

  /**
   * A CloudFront distribution in front of the function URL. The proxy then refuses all requests that bypass it; each of
   * these is still an invocation.
   * @default - none: clients call the function URL
   */
  readonly edge?: EdgeProps | undefined;

  /**
   * Folder that is deployed. It contains `index.mjs`.
   * @default - `dist/proxy` of this package, written by `npm run build`
   */
  readonly codePath?: string | undefined;
}

/** How requests move to a new version. */
export interface AliasProps {
  /**
   * Name of the alias.
   * @default 'live'
   */
  readonly name?: string | undefined;

  /**
   * Makes CodeDeploy shift requests to a new version step by step, for example
   * `LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES`.
   * @default - all requests at once
   */
  readonly gradual?: ILambdaDeploymentConfig | undefined;

  /**
   * Alarms that stop a gradual deployment and restore the previous version. `proxy.deploymentGroup.addAlarm()` adds
   * more.
   * @default - none: only failed deployments are rolled back
   */
  readonly alarms?: readonly IAlarm[] | undefined;
}
