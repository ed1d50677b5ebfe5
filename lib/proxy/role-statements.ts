/** What a proxy's role may do beside calling upstreams: each statement with its reason. */
import { Token } from 'aws-cdk-lib';
import { Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LimitTable } from './limit-table.ts';
import type { SigningProxyProps } from './signing-proxy-props.ts';

/** What follows from the props, beside reading documents; throws on an ARN that is no role's. */
export function toRoleStatements(
  { assumableRoles = [], vpc }: SigningProxyProps,
  limitTable: LimitTable | undefined,
): PolicyStatement[] {
  return [
    ...(assumableRoles.length > 0 ? [toAssumeStatement(assumableRoles)] : []),
    ...(limitTable ? [toCountStatement(limitTable)] : []),
    ...(vpc ? toNetworkStatements() : []),
  ];
}

function toAssumeStatement(roles: readonly (IRole | string)[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'AssumeRoles',
    actions: ['sts:AssumeRole'],
    resources: roles.map((role) => (typeof role === 'string' ? toRoleArn(role) : role.roleArn)),
  });
}

/** Counting requests is updating one item; nothing is read, listed or deleted. */
function toCountStatement({ tableArn }: LimitTable): PolicyStatement {
  return new PolicyStatement({
    sid: 'CountRequests',
    actions: ['dynamodb:UpdateItem'],
    resources: [tableArn],
  });
}

/**
 * What Lambda asks of the role to put a function into a VPC. It knows no narrower resources than `*`; so that code in
 * the function cannot use any of it, the same is denied to calls from inside a function.
 */
function toNetworkStatements(): PolicyStatement[] {
  const actions = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];
  return [
    new PolicyStatement({ sid: 'JoinNetwork', actions, resources: ['*'] }),
    new PolicyStatement({
      sid: 'JoinNetworkNotFromInside',
      effect: Effect.DENY,
      actions,
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  ];
}

function toRoleArn(arn: string): string {
  if (Token.isUnresolved(arn) || /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/*-]+$/.test(arn))
    return arn;
  throw new Error(
    `assumableRoles has ${JSON.stringify(arn)}; expected arn:aws:iam::<account>:role/<name>, * allowed in the name.`,
  );
}
