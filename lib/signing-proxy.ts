import { ArnFormat, Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { MetricsLevel } from '../functions/proxy/metrics.ts';
import { createBuiltCode, toBuiltPath } from './built-code.ts';
import { createFunctionRole } from './function-role.ts';
import { type InvokeScope, toInvokeStatements, type Upstream } from './invoke-statements.ts';
import { assertParameterPath, toDefaultParameterPath } from './parameter-path.ts';
import {
  defaultMetrics,
  type ProxyEnvironmentProps,
  toProxyEnvironment,
} from './proxy-environment.ts';
import { assertRouteId, toRouteValue } from './route-parameter.ts';

/** How a {@link SigningProxy} is built; everything has a default. */
export interface SigningProxyProps extends ProxyEnvironmentProps {
  /**
   * Root of the proxy's documents in Parameter Store: routes are `<root>/routes/<id>`.
   * Set it where the path is a contract with those who edit routes: the default follows construct ids.
   * @default - `/countersign/<stack name>/<construct path>`
   */
  readonly parameterPath?: string;

  /**
   * Customer-managed key that encrypts SecureString parameters below the path; the proxy may decrypt those with
   * it and nothing else. The AWS managed key `aws/ssm` needs no grant.
   * @default - none
   */
  readonly encryptionKey?: IKey;

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
   * Folder whose bytes are deployed, with `index.mjs` in it.
   * @default - `dist/proxy` of this package, written by `npm run build`
   */
  readonly codePath?: string;
}

/**
 * A Lambda function behind a public, streaming function URL that signs requests for the upstreams it is granted.
 * Grants on other resources take it as a grantee: `role.grantAssumeRole(proxy.grantPrincipal)`.
 */
export class SigningProxy extends Construct implements IGrantable {
  readonly function: lambda.Function;
  readonly functionUrl: lambda.FunctionUrl;
  /** `https://…lambda-url.<region>.on.aws/`, with the slash. */
  readonly url: string;
  /** Root of the documents, without a slash at the end. */
  readonly parameterPath: string;
  readonly logGroup: LogGroup;
  /** What the function measures. */
  readonly metrics: MetricsLevel;
  /** The function's settings, for those who read the same documents. */
  readonly environment: Readonly<Record<string, string>>;
  readonly encryptionKey: IKey | undefined;
  readonly grantPrincipal: IPrincipal;
  readonly #routes: Construct;

  constructor(scope: Construct, id: string, props: SigningProxyProps = {}) {
    super(scope, id);
    this.parameterPath = props.parameterPath ?? toDefaultParameterPath(this);
    assertParameterPath(this.parameterPath);
    this.metrics = props.metrics ?? defaultMetrics;
    this.environment = toProxyEnvironment(this.parameterPath, props);
    this.encryptionKey = props.encryptionKey;
    this.#routes = new Construct(this, 'Routes');
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      ...(props.logRemovalPolicy && { removalPolicy: props.logRemovalPolicy }),
    });
    const role = createFunctionRole(this, 'Role', this.logGroup);
    this.grantPrincipal = role.grantPrincipal;
    this.#grantReadDocuments(props.encryptionKey);
    this.function = new lambda.Function(this, 'Function', {
      description: `Countersign signing proxy, routes in ${this.parameterPath}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: createBuiltCode(props.codePath ?? toBuiltPath('proxy')),
      role,
      logGroup: this.logGroup,
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout ?? Duration.minutes(5),
      environment: { ...this.environment },
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
    });
    // No CORS here: Lambda would answer preflights itself and override what upstreams say.
    this.functionUrl = this.function.addFunctionUrl({
      authType: lambda.FunctionUrlAuthType.NONE,
      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
    });
    this.url = this.functionUrl.url;
  }

  /**
   * Lets the proxy call `upstream`, by statements on its own role alone: the upstream's resource policy is not
   * touched. An upstream of another account must allow this role on its side as well.
   */
  grantInvokeUpstream(upstream: Upstream, scope: InvokeScope = {}): Grant {
    return toInvokeStatements(upstream, scope)
      .map((statement) => Grant.addToPrincipal({ grantee: this, ...statement }))
      .reduce((all, grant) => all.combine(grant));
  }

  /**
   * Writes a route document to `<parameterPath>/routes/<id>`. The parameter belongs to the stack: a deployment
   * that changes the document overwrites what was edited in Parameter Store since, and leaves it otherwise.
   * @param document - one route object or an array of them; may hold CDK tokens, such as a function URL
   */
  addRoute(id: string, document: object): StringParameter {
    assertRouteId(id);
    return new StringParameter(this.#routes, id, {
      parameterName: `${this.parameterPath}/routes/${id}`,
      simpleName: false,
      description: 'Countersign route, managed by CloudFormation',
      stringValue: toRouteValue(this, id, document),
      // An advanced parameter cannot become a standard one again, so a fixed tier fails the deployment of a
      // document that grew beyond 4 KB and then shrank.
      tier: ParameterTier.INTELLIGENT_TIERING,
    });
  }

  #grantReadDocuments(encryptionKey: IKey | undefined): void {
    const root = Stack.of(this).formatArn({
      service: 'ssm',
      resource: 'parameter',
      // The path begins with the slash that would otherwise separate it.
      resourceName: this.parameterPath.replace(/^\//, ''),
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    const below = `${root}/*`;
    this.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'ReadDocuments',
        // History is where the last valid version of a broken document is found.
        actions: [
          'ssm:GetParametersByPath',
          'ssm:GetParameter',
          'ssm:GetParameters',
          'ssm:GetParameterHistory',
        ],
        // GetParametersByPath is authorised on the path it is given, the others on each parameter.
        resources: [root, below],
      }),
    );
    if (!encryptionKey) return;
    this.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'DecryptDocuments',
        actions: ['kms:Decrypt'],
        resources: [encryptionKey.keyArn],
        // Parameter Store binds each ciphertext to its parameter.
        conditions: { StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': below } },
      }),
    );
  }
}
