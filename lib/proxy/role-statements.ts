/** Statements of a proxy's role, except those for calls of upstreams, each with its reason. */
import { Token } from 'aws-cdk-lib';
import { Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LimitTable } from './limit-table.ts';
import type { SigningProxyProps } from './signing-proxy-props.ts';

/**
 * Creates the statements that follow from the props, except those for reading documents. Throws on an ARN that is not a
 * role's.
 */
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

/** Counting a request updates one item. The role may not read, list or delete items. */
function toCountStatement({ tableArn }: LimitTable): PolicyStatement {
  return new PolicyStatement({
    sid: 'CountRequests',
    actions: ['dynamodb:UpdateItem'],
    resources: [tableArn],
  });
}

/**
 * The actions that Lambda requires of the role of a function in a VPC. They accept no resource but `*`. A second
 * statement denies them to calls from inside a function, so that the function's code cannot use them.
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
    `assumableRoles has ${JSON.stringify(arn)}; expected arn:aws:iam::<account>:role/<name>; the name may contain *.`,
  );
}
