import type { RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** How long log lines are kept, and what becomes of them with the stack. */
export interface LogOptions {
  readonly logRetention?: RetentionDays;
  readonly logRemovalPolicy?: RemovalPolicy;
}

/** A month, and retained when its stack is deleted, unless something else is asked for. */
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
 * An execution role that may write to one log group and nothing else. AWSLambdaBasicExecutionRole, which CDK
 * would attach, may create and write every log group of the account.
 */
export function createFunctionRole(scope: Construct, id: string, logGroup: ILogGroup): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  return role;
}
