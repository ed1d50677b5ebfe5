import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { createBuiltCode, toBuiltPath } from './built-code.ts';
import { createFunctionRole } from './function-role.ts';
import { toParameterArn } from './parameter-path.ts';

/**
 * Route documents that a stack creates once. CloudFormation's own parameters would be written anew whenever the
 * template's document changes; a custom resource creates what is missing and leaves what exists to its editors.
 */
export class CreatedRoutes extends Construct {
  readonly #parameterPath: string;
  readonly #documents: Construct;
  #creator: lambda.Function | undefined;

  constructor(scope: Construct, id: string, parameterPath: string) {
    super(scope, id);
    this.#parameterPath = parameterPath;
    this.#documents = new Construct(this, 'Document');
  }

  /** @param value the document as it is written */
  add(id: string, value: string): CustomResource {
    this.#creator ??= this.#addCreator();
    return new CustomResource(this.#documents, id, {
      resourceType: 'Custom::CountersignRoute',
      serviceToken: this.#creator.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { Name: `${this.#parameterPath}/routes/${id}`, Value: value },
    });
  }

  #addCreator(): lambda.Function {
    const scope = new Construct(this, 'Creator');
    const logGroup = new LogGroup(scope, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = createFunctionRole(scope, 'Role', logGroup);
    const resources = [toParameterArn(this, `${this.#parameterPath}/routes/*`)];
    role.addToPolicy(
      new PolicyStatement({
        sid: 'CreateRoutes',
        actions: ['ssm:PutParameter', 'ssm:GetParameter', 'ssm:DeleteParameter'],
        resources,
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'NeverOverwrite',
        effect: Effect.DENY,
        actions: ['ssm:PutParameter'],
        resources,
        conditions: { StringEquals: { 'ssm:Overwrite': 'true' } },
      }),
    );
    return new lambda.Function(scope, 'Function', {
      description: `Creates routes below ${this.#parameterPath}, once`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: createBuiltCode(toBuiltPath('create-route')),
      role,
      logGroup,
      memorySize: 256,
      timeout: Duration.seconds(60),
    });
  }
}
