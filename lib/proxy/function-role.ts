import type { RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** Retention and removal policy of a log group. */
export interface LogOptions {
  readonly logRetention?: RetentionDays | undefined;
  readonly logRemovalPolicy?: RemovalPolicy | undefined;
}

/** Creates a log group. By default it keeps lines for a month, and stays when its stack is deleted. */
export function createLogGroup(
  scope: Construct,
  { logRetention = RetentionDays.ONE_MONTH, logRemovalPolicy }: LogOptions,
): LogGroup {
  return new LogGroup(scope, 'LogGroup', {
    retention: logRetention,
    ...(logRemovalPolicy && { removalPolicy: logRemovalPolicy }),
  });
}

/**
 * Creates an execution role that may write to one log group and nothing else. AWSLambdaBasicExecutionRole, which CDK
 * would attach, may create every log group of the account and write to it.
 */
export function createFunctionRole(scope: Construct, id: string, logGroup: ILogGroup): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  return role;
}
