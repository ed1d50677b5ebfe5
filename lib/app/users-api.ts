import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  type Resource,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { usersResources } from '../../functions/users/resources.ts';
import { usersTable } from '../../functions/users/table.ts';
import { createBuiltCode, toBuiltPath } from '../proxy/built-code.ts';
import { createFunctionRole } from '../proxy/function-role.ts';

/** Props of a {@link UsersApi}. */
export interface UsersApiProps {
  /**
   * Folder of the function's built code.
   * @default - `dist/users` of this package, written by `npm run build`
   */
  readonly codePath?: string | undefined;
}

/** A demo upstream: a REST API with IAM authorization, its function, and its table. */
export class UsersApi extends Construct {
  readonly api: RestApi;
  readonly table: Table;
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: UsersApiProps = {}) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: usersTable.partitionKey, type: AttributeType.STRING },
      sortKey: { name: usersTable.sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // Deleting the demo stack deletes its data.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = this.#createFunction(props.codePath ?? toBuiltPath('users'));
    // Only the operations that table.ts lists. Scan, streams and changes of the table's settings are not allowed.
    this.table.grant(
      this.function,
      ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'BatchWriteItem'].map(
        (operation) => `dynamodb:${operation}`,
      ),
    );
    this.api = this.#createApi();
  }

  #createFunction(codePath: string): lambda.Function {
    const logGroup = new LogGroup(this, 'LogGroup', {
      retention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new lambda.Function(this, 'Function', {
      description: 'Countersign demo upstream: users on DynamoDB',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: createBuiltCode(codePath),
      role: createFunctionRole(this, 'Role', logGroup),
      logGroup,
      memorySize: 512,
      // API Gateway answers 504 after 29 seconds. The deletion of all users stops earlier, with an answer that says so.
      timeout: Duration.seconds(28),
      environment: { USERS_TABLE: this.table.tableName },
    });
  }

  #createApi(): RestApi {
    const api = new RestApi(this, 'Api', {
      description: 'Countersign demo upstream: users',
      endpointTypes: [EndpointType.REGIONAL],
      deployOptions: { stageName: 'prod', throttlingRateLimit: 100, throttlingBurstLimit: 100 },
      // Logs of API Gateway would require a role for the whole account and Region.
      cloudWatchRole: false,
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
    });
    const integration = new LambdaIntegration(this.function, { allowTestInvoke: false });
    for (const { path, methods } of usersResources) {
      const resource: Resource = api.root.resourceForPath(path);
      for (const method of methods) resource.addMethod(method, integration);
    }
    return api;
  }
}
