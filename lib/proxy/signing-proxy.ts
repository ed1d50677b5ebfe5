import { Annotations, type CustomResource, Stack } from 'aws-cdk-lib';
import { LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import {
  Grant,
  type IGrantable,
  type IPrincipal,
  type PolicyStatement,
  type Role,
} from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { MetricsLevel } from '../../functions/proxy/log/metrics.ts';
import { Edge } from '../edge/edge.ts';
import type { EdgeProps } from '../edge/edge-props.ts';
import { Publisher } from '../publisher/publisher.ts';
import { checkRoute, type RouteCheck, toRouteCheck } from '../routes/check-route.ts';
import { CreatedRoutes } from '../routes/created-routes.ts';
import { assertRouteId, toRouteValue } from '../routes/route-parameter.ts';
import { toFunctionProps } from './function-props.ts';
import { createFunctionRole, createLogGroup } from './function-role.ts';
import { type InvokeScope, toInvokeStatements, type Upstream } from './invoke-statements.ts';
import { type LimitTable, toLimitTable } from './limit-table.ts';
import { assertParameterPath, toDefaultParameterPath } from './parameter-path.ts';
import { defaultMetrics, toProxyEnvironment } from './proxy-environment.ts';
import { toReadStatements, toSecretStatements } from './read-statements.ts';
import { toRoleStatements } from './role-statements.ts';
import { assertSeparatePath } from './separate-paths.ts';
import type { AliasProps, SigningProxyProps } from './signing-proxy-props.ts';
import { withoutUndefined } from './without-undefined.ts';

/**
 * A Lambda function behind a public, streaming function URL. It signs requests to the upstreams that it may call. It is
 * also a grantee: `table.grantReadData(proxy)`.
 */
export class SigningProxy extends Construct implements IGrantable {
  readonly function: lambda.Function;
  /** The alias that the function URL calls; undefined if the URL calls the function itself. */
  readonly alias: lambda.Alias | undefined;
  /** Shifts requests to new versions step by step; undefined unless the prop `alias.gradual` is set. */
  readonly deploymentGroup: LambdaDeploymentGroup | undefined;
  readonly functionUrl: lambda.FunctionUrl;
  /** The CloudFront distribution; undefined unless the prop `edge` is set. */
  readonly edge: Edge | undefined;
  /** URL for clients: the edge's, else the function's. It ends with a slash. */
  readonly url: string;
  /** Root of the documents, without a slash at the end. */
  readonly parameterPath: string;
  readonly logGroup: LogGroup;
  /** Metrics that the function writes. */
  readonly metrics: MetricsLevel;
  /** Reads Parameter Store and writes the snapshot that the function reads; undefined with `snapshot: false`. */
  readonly publisher: Publisher | undefined;
  /**
   * The reader of documents and secrets: the publisher, or the function in direct mode. Grant it the use of your own
   * keys.
   */
  readonly documentReader: IGrantable;
  /** The function's environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Table of rate limits; undefined unless the prop `rateLimitTable` is set. */
  readonly rateLimitTable: LimitTable | undefined;
  readonly grantPrincipal: IPrincipal;
  readonly #routes: CreatedRoutes;
  readonly #check: RouteCheck;

  constructor(scope: Construct, id: string, props: SigningProxyProps = {}) {
    super(scope, id);
    const { parameterPath = toDefaultParameterPath(this), upstreams = [], routes = {} } = props;
    assertParameterPath(parameterPath);
    assertSeparatePath(this, parameterPath);
    this.parameterPath = parameterPath;
    this.metrics = props.metrics ?? defaultMetrics;
    const limitTable = toLimitTable(this, props.rateLimitTable);
    this.rateLimitTable = limitTable;
    this.#check = toRouteCheck(props, parameterPath);
    this.#routes = new CreatedRoutes(this, 'Routes', parameterPath);
    const environment = toProxyEnvironment(parameterPath, props, limitTable);
    this.publisher = this.#addPublisher(props, environment);
    this.documentReader = this.publisher ?? this;
    this.environment = { ...environment, ...this.publisher?.environment };
    this.logGroup = createLogGroup(this, props);
    const role = createFunctionRole(this, 'Role', this.logGroup);
    this.grantPrincipal = role.grantPrincipal;
    this.#allow(...this.#toReadStatements(props), ...toRoleStatements(props, limitTable));
    this.function = this.#addFunction(props, role);
    if (props.reservedConcurrentExecutions === undefined) warnOfNoLimit(this);
    this.alias = props.alias && this.#addAlias(props.alias);
    this.deploymentGroup = props.alias && this.#addDeploymentGroup(props.alias);
    this.functionUrl = (this.alias ?? this.function).addFunctionUrl({
      authType: lambda.FunctionUrlAuthType.NONE,
      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
      ...(props.cors && { cors: props.cors }),
    });
    this.edge = props.edge && this.#addEdge(props.edge);
    this.url = this.edge?.url ?? this.functionUrl.url;
    for (const upstream of upstreams) this.grantInvokeUpstream(upstream);
    for (const [id, document] of Object.entries(routes)) this.addRoute(id, document);
  }

  /**
   * Allows the proxy to call `upstream`, by statements of its own role. The upstream's resource policy stays unchanged.
   * An upstream in another account must allow this role in its own policy too.
   */
  grantInvokeUpstream(upstream: Upstream, scope: InvokeScope = {}): Grant {
    return toInvokeStatements(Stack.of(this), upstream, scope)
      .map((statement) => Grant.addToPrincipal({ grantee: this, ...statement }))
      .reduce((all, grant) => all.combine(grant));
  }

  /**
   * Creates the route document `<parameterPath>/routes/<id>` with the stack. If the parameter exists, no deployment
   * changes it, whether it was edited in Parameter Store or in the app.
   * @param document - one route object or an array of them; it may contain CDK tokens, such as a function URL
   * @returns the resource that creates it, and other routes of the proxy as well
   */
  addRoute(id: string, document: object): CustomResource {
    assertRouteId(id);
    const value = toRouteValue(this, id, document);
    checkRoute(this, id, document, this.#check);
    return this.#routes.add(id, value);
  }

  #addPublisher(
    props: SigningProxyProps,
    environment: Readonly<Record<string, string>>,
  ): Publisher | undefined {
    const { snapshot = {}, encryptionKey, secretPaths, logRetention, logRemovalPolicy } = props;
    if (snapshot === false) return undefined;
    return new Publisher(this, 'Publisher', {
      ...(encryptionKey && { encryptionKey }),
      ...(logRetention && { logRetention }),
      ...(logRemovalPolicy && { logRemovalPolicy }),
      ...withoutUndefined(snapshot),
      ...{ parameterPath: this.parameterPath, environment, routes: this.#routes },
      ...{ documentKey: encryptionKey, secretPaths },
    });
  }

  #toReadStatements(props: SigningProxyProps): PolicyStatement[] {
    const { parameterPath, publisher } = this;
    return publisher?.toReaderStatements() ?? toReadStatements(this, { ...props, parameterPath });
  }

  #addFunction(props: SigningProxyProps, role: Role): lambda.Function {
    const own = new lambda.Function(this, 'Function', {
      ...toFunctionProps(props),
      description: `Countersign signing proxy, routes in ${this.parameterPath}`,
      environment: { ...this.environment },
      role,
      logGroup: this.logGroup,
    });
    // The function must not serve requests before there is a snapshot for its code and settings.
    if (this.publisher) own.node.addDependency(this.publisher.deployed.resource);
    return own;
  }

  #allow(...statements: PolicyStatement[]): void {
    for (const statement of statements) this.grantPrincipal.addToPrincipalPolicy(statement);
  }

  #addAlias({ name = 'live' }: AliasProps): lambda.Alias {
    const version = this.function.currentVersion as lambda.IVersion;
    return new lambda.Alias(this, 'Alias', { aliasName: name, version });
  }

  #addDeploymentGroup({ gradual, alarms }: AliasProps): LambdaDeploymentGroup | undefined {
    if (!gradual && alarms?.length) {
      throw new Error('alias: alarms require a gradual deployment; set gradual too.');
    }
    if (!gradual || !this.alias) return undefined;
    return new LambdaDeploymentGroup(this, 'Deployment', {
      alias: this.alias,
      deploymentConfig: gradual,
      ...(alarms && { alarms: [...alarms] }),
    });
  }

  #addEdge(props: EdgeProps): Edge {
    const edge = new Edge(this, 'Edge', this.functionUrl, props);
    const { originSecret, originReference } = edge;
    this.function.addEnvironment('COUNTERSIGN_ORIGIN_SECRET', originReference);
    const name = originReference.replace('$secret://ssm/', '');
    const statements = toSecretStatements(this, originSecret, name);
    if (this.publisher) this.publisher.addOriginSecret(originReference, statements);
    else this.#allow(...statements);
    return edge;
  }
}

/** With an edge the function URL is still public, and each refused request is an invocation. */
function warnOfNoLimit(proxy: SigningProxy): void {
  Annotations.of(proxy).addWarningV2(
    'countersign:no-reserved-concurrency',
    'The function URL is public and has no throttle of its own. Without reservedConcurrentExecutions (context reservedConcurrency) only the concurrency of the account limits the cost of requests.',
  );
}
