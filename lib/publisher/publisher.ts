import { Duration } from 'aws-cdk-lib';
import type { IGrantable, IPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { createBuiltCode, toBuiltPath } from '../proxy/built-code.ts';
import { createFunctionRole, createLogGroup } from '../proxy/function-role.ts';
import { toReadStatements } from '../proxy/read-statements.ts';
import type { CreatedRoutes } from '../routes/created-routes.ts';
import { ChangeEvents } from './change-events.ts';
import { DeployedSnapshot } from './deployed-snapshot.ts';
import type { SnapshotOptions } from './publisher-options.ts';
import { SnapshotPlace } from './snapshot-place.ts';
import { toReaderStatements, toWriterStatements } from './snapshot-statements.ts';

/** Props of a {@link Publisher}. The proxy derives them from its own props. */
export interface PublisherProps extends SnapshotOptions {
  readonly parameterPath: string;
  /** The proxy's environment variables, which affect how documents are judged. */
  readonly environment: Readonly<Record<string, string>>;
  /** Key that encrypts the SecureStrings below the path. */
  readonly documentKey: IKey | undefined;
  readonly secretPaths: readonly string[] | undefined;
  /** Routes that the stack creates. */
  readonly routes: CreatedRoutes;
}

const timeout = Duration.minutes(15);

/**
 * The only reader of Parameter Store. It writes the documents in force as one encrypted object, which every environment
 * of the proxy reads. Within seconds of an edit it reports whether the document is in force, because it judges
 * documents with the proxy's own code. Secrets with their own KMS key need `key.grantDecrypt(proxy.documentReader)`.
 */
export class Publisher extends Construct implements IGrantable {
  readonly function: lambda.Function;
  readonly logGroup: LogGroup;
  readonly place: SnapshotPlace;
  readonly events: ChangeEvents;
  /** The custom resources that publish during a deployment. Resources that need a snapshot depend on them. */
  readonly deployed: DeployedSnapshot;
  readonly grantPrincipal: IPrincipal;
  readonly #parameterPath: string;
  readonly #onDeploy: lambda.Function;
  readonly #environment: Record<string, string>;

  constructor(scope: Construct, id: string, props: PublisherProps) {
    super(scope, id);
    const { parameterPath, topic, codePath = toBuiltPath('publisher') } = props;
    this.#parameterPath = parameterPath;
    this.logGroup = createLogGroup(this, props);
    const role = createFunctionRole(this, 'Role', this.logGroup);
    this.grantPrincipal = role.grantPrincipal;
    this.place = new SnapshotPlace(this, 'Snapshot', props);
    this.place.protectFor(role);
    this.#allowAll(props);
    topic?.grantPublish(role);
    this.#environment = {
      ...props.environment,
      ...this.environment,
      ...(topic && { COUNTERSIGN_TOPIC_ARN: topic.topicArn }),
    };
    this.function = this.#addFunction('Function', role, {
      ...{ codePath, memorySize: props.memorySize },
      handler: 'index.handler',
      // The next event of the schedule replaces a retry.
      retryAttempts: 0,
      description: `Countersign publisher of ${parameterPath}`,
    });
    this.#onDeploy = this.#addFunction('OnDeploy', role, {
      ...{ codePath, memorySize: props.memorySize },
      handler: 'on-deploy.handler',
      description: `Publishes ${parameterPath} while its stack is deployed`,
    });
    this.events = new ChangeEvents(this, 'Events', {
      ...{ parameterPath, function: this.function, functionTimeout: timeout },
      reconcileEvery: toReconcileInterval(props.reconcileEvery),
    });
    // So the publisher gets an event for each route that the stack creates.
    props.routes.node.addDependency(this.events);
    this.deployed = new DeployedSnapshot(this, 'Deployed', {
      ...{ codePath, uri: this.place.uri, routes: props.routes, provider: this.#onDeploy },
      readSettings: () => this.#environment,
    });
  }

  /** The environment variables that the proxy shares with the publisher: the snapshot's location and key. */
  get environment(): Record<string, string> {
    return {
      COUNTERSIGN_SNAPSHOT_URI: this.place.uri,
      COUNTERSIGN_SNAPSHOT_KEY: this.place.encryptionKey.keyArn,
    };
  }

  /** Statements for the proxy's role. They allow reading the snapshot, and nothing of Parameter Store. */
  toReaderStatements(): PolicyStatement[] {
    return toReaderStatements(this.place, this.#parameterPath);
  }

  /** Publishes the secret of the proxy's edge together with the documents. */
  addOriginSecret(reference: string, statements: readonly PolicyStatement[]): void {
    const name = 'COUNTERSIGN_ORIGIN_SECRET';
    this.#environment[name] = reference;
    for (const own of [this.function, this.#onDeploy]) own.addEnvironment(name, reference);
    for (const statement of statements) this.grantPrincipal.addToPrincipalPolicy(statement);
  }

  #allowAll({ parameterPath, documentKey, secretPaths }: PublisherProps): void {
    const read = toReadStatements(this, { parameterPath, encryptionKey: documentKey, secretPaths });
    for (const statement of [...read, ...toWriterStatements(this.place, parameterPath)]) {
      this.grantPrincipal.addToPrincipalPolicy(statement);
    }
  }

  #addFunction(
    id: string,
    role: Role,
    props: Pick<lambda.FunctionProps, 'handler' | 'description' | 'retryAttempts'> & {
      readonly codePath: string;
      readonly memorySize: number | undefined;
    },
  ): lambda.Function {
    const { codePath, memorySize = 1769, ...own } = props;
    return new lambda.Function(this, id, {
      ...own,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: createBuiltCode(codePath),
      role,
      logGroup: this.logGroup,
      memorySize,
      timeout,
      environment: { ...this.#environment },
    });
  }
}

/** Throws on an interval that no schedule can have, or in which runs over the whole tree would overlap. */
function toReconcileInterval(interval: Duration = Duration.minutes(15)): Duration {
  if (interval.isUnresolved()) return interval;
  const minutes = interval.toSeconds() / 60;
  if (Number.isInteger(minutes) && minutes >= 5 && minutes <= 1440) return interval;
  throw new Error(`reconcileEvery is ${minutes} minutes; expected whole minutes, 5 to 1440.`);
}
