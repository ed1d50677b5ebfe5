import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SnsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { createBuiltCode, toBuiltPath } from '../proxy/built-code.ts';
import { createFunctionRole } from '../proxy/function-role.ts';
import { toReadStatements } from '../proxy/role-statements.ts';
import type { SigningProxy } from '../proxy/signing-proxy.ts';

/** What of a {@link DocumentGuard} can be chosen. */
export interface DocumentGuardOptions {
  /**
   * Gets a message when a change is refused, deletes something, opens a route or is in a place that nothing reads, and
   * each event that the guard has failed on three times.
   * @default - nobody is told; log and metrics have it all
   */
  readonly topic?: ITopic;

  /**
   * Memory in MB.
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * How long log lines are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of the log group when the stack is deleted.
   * @default - RemovalPolicy.RETAIN
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * Folder whose bytes are deployed, with `index.mjs` in it.
   * @default - `dist/guard` of this package, written by `npm run build`
   */
  readonly codePath?: string;
}

/** How a {@link DocumentGuard} is built. */
export interface DocumentGuardProps extends DocumentGuardOptions {
  /** The proxy whose documents are read, with its settings. */
  readonly proxy: SigningProxy;
}

/**
 * Says within seconds of an edit in Parameter Store whether the document is in force, by the code that the proxy runs.
 * It changes nothing, calls no upstream, and the proxy does without it. Secrets outside the path that the proxy was
 * granted have to be granted to the guard as well: it would take them for missing.
 */
export class DocumentGuard extends Construct implements IGrantable {
  readonly function: lambda.Function;
  readonly logGroup: LogGroup;
  readonly rule: Rule;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: DocumentGuardProps) {
    super(scope, id);
    const { proxy, topic } = props;
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      ...(props.logRemovalPolicy && { removalPolicy: props.logRemovalPolicy }),
    });
    const role = createFunctionRole(this, 'Role', this.logGroup);
    this.grantPrincipal = role.grantPrincipal;
    for (const statement of toReadStatements(this, proxy)) {
      role.addToPrincipalPolicy(statement);
    }
    this.function = new lambda.Function(this, 'Function', {
      description: `Countersign document guard of ${proxy.parameterPath}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: createBuiltCode(props.codePath ?? toBuiltPath('guard')),
      role,
      logGroup: this.logGroup,
      memorySize: props.memorySize ?? 256,
      timeout: Duration.minutes(1),
      environment: {
        ...proxy.environment,
        ...(proxy.rateLimitTable && {
          COUNTERSIGN_LIMIT_TABLE: proxy.rateLimitTable.tableName,
        }),
        // It is never read here: no document may refer to it.
        ...(proxy.edge && { COUNTERSIGN_ORIGIN_SECRET: proxy.edge.originReference }),
        ...(topic && { COUNTERSIGN_TOPIC_ARN: topic.topicArn }),
      },
      // Lambda tries an event three times; then the topic gets it.
      ...(topic && { onFailure: new SnsDestination(topic) }),
    });
    this.rule = this.#addRule(proxy.parameterPath);
  }

  #addRule(parameterPath: string): Rule {
    return new Rule(this, 'Rule', {
      description: `Changes of the documents below ${parameterPath}`,
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['Parameter Store Change'],
        detail: {
          name: [{ prefix: `${parameterPath}/` }],
          operation: ['Create', 'Update', 'Delete'],
        },
      },
      targets: [new LambdaFunction(this.function)],
    });
  }
}
