import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { createBuiltCode, toBuiltPath } from './built-code.ts';
import type { SigningProxyProps } from './signing-proxy-props.ts';

/**
 * What the props say about the proxy's function. Under exactOptionalPropertyTypes CDK's classes do not implement CDK's
 * interfaces: hence the unions and the casts.
 */
export function toFunctionProps(
  props: SigningProxyProps,
): Omit<lambda.FunctionProps, 'role' | 'environment'> {
  const { reservedConcurrentExecutions, vpc, vpcSubnets, securityGroups, tracing } = props;
  // Passing through is what Lambda does by itself, and needs none of the permissions that CDK would add.
  const isTraced = tracing !== undefined && tracing !== lambda.Tracing.PASS_THROUGH;
  return {
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: props.architecture ?? lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: createBuiltCode(props.codePath ?? toBuiltPath('proxy')),
    memorySize: props.memorySize ?? 512,
    timeout: props.timeout ?? Duration.minutes(5),
    ...(reservedConcurrentExecutions !== undefined && { reservedConcurrentExecutions }),
    ...(isTraced && { tracing }),
    ...(vpc && { vpc: vpc as IVpc }),
    ...(vpcSubnets && { vpcSubnets }),
    ...(securityGroups && { securityGroups: [...securityGroups] }),
  };
}
