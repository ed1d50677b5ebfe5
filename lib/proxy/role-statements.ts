/** What a proxy's role may do beside calling upstreams: each statement with its reason. */
import { Token } from 'aws-cdk-lib';
import { Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { LimitTable } from './limit-table.ts';
import { toParameterArn } from './parameter-path.ts';
import { toParameterArns, toSecretPathStatements } from './secret-paths.ts';
import type { SigningProxyProps } from './signing-proxy-props.ts';

interface RoleOptions {
  readonly parameterPath: string;
  readonly limitTable: LimitTable | undefined;
}

/** What follows from the props; throws on an ARN that is no role's. */
export function toRoleStatements(
  scope: Construct,
  { encryptionKey, secretPaths, assumableRoles = [], vpc }: SigningProxyProps,
  { parameterPath, limitTable }: RoleOptions,
): PolicyStatement[] {
  return [
    ...toReadStatements(scope, { parameterPath, encryptionKey, secretPaths }),
    ...(assumableRoles.length > 0 ? [toAssumeStatement(assumableRoles)] : []),
    ...(limitTable ? [toCountStatement(limitTable)] : []),
    ...(vpc ? toNetworkStatements() : []),
  ];
}

interface ReadOptions {
  readonly parameterPath: string;
  readonly encryptionKey: SigningProxyProps['encryptionKey'];
  readonly secretPaths: SigningProxyProps['secretPaths'] | undefined;
}

/** Reading the documents, and the secrets that they may refer to: all that anyone does who looks at them. */
export function toReadStatements(
  scope: Construct,
  { parameterPath, encryptionKey: key, secretPaths = [] }: ReadOptions,
): PolicyStatement[] {
  const below = toParameterArn(scope, `${parameterPath}/*`);
  const read = new PolicyStatement({
    sid: 'ReadDocuments',
    // History is where the last valid version of a broken document is found.
    actions: ['ssm:GetParametersByPath', 'ssm:GetParameters', 'ssm:GetParameterHistory'],
    // GetParametersByPath is authorised on the path it is given, the others on each parameter.
    resources: [toParameterArn(scope, parameterPath), below],
  });
  const statements = [read, ...toSecretPathStatements(scope, secretPaths)];
  if (!key) return statements;
  const decrypt = new PolicyStatement({
    sid: 'DecryptDocuments',
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    // Parameter Store binds each ciphertext to its parameter.
    conditions: {
      StringLike: {
        'kms:EncryptionContext:PARAMETER_ARN':
          secretPaths.length > 0
            ? [below, ...secretPaths.flatMap((path) => toParameterArns(scope, path))]
            : below,
      },
    },
  });
  return [...statements, decrypt];
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

/** Reading one secret by `name` through Parameter Store, which asks Secrets Manager in the role's name. */
export function toSecretStatements(
  scope: Construct,
  secret: ISecret | Secret,
  name: string,
): PolicyStatement[] {
  const statements = [
    new PolicyStatement({
      sid: 'ReadOriginSecretReference',
      actions: ['ssm:GetParameters'],
      resources: [toParameterArn(scope, name)],
    }),
    new PolicyStatement({
      sid: 'ReadOriginSecret',
      actions: ['secretsmanager:GetSecretValue'],
      // Of a secret that is known by name only, the ARN's random end is not.
      resources: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
    }),
  ];
  if (secret.encryptionKey) {
    statements.push(
      new PolicyStatement({
        sid: 'DecryptOriginSecret',
        actions: ['kms:Decrypt'],
        resources: [secret.encryptionKey.keyArn],
      }),
    );
  }
  return statements;
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
