/** Statements that allow reading documents from Parameter Store, and the secrets that they refer to. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { toParameterArn } from './parameter-path.ts';
import { toParameterArns, toSecretPathStatements } from './secret-paths.ts';

/** The documents to read, and the key that encrypts them. */
export interface ReadOptions {
  readonly parameterPath: string;
  /** Encrypts the SecureStrings below the path. */
  readonly encryptionKey?: IKey | undefined;
  readonly secretPaths?: readonly string[] | undefined;
}

/** Statements that allow reading the documents and the secrets that they may refer to. */
export function toReadStatements(
  scope: Construct,
  { parameterPath, encryptionKey: key, secretPaths = [] }: ReadOptions,
): PolicyStatement[] {
  const below = toParameterArn(scope, `${parameterPath}/*`);
  const read = new PolicyStatement({
    sid: 'ReadDocuments',
    // The history contains the last valid version of a malformed document.
    actions: ['ssm:GetParametersByPath', 'ssm:GetParameters', 'ssm:GetParameterHistory'],
    // IAM authorises GetParametersByPath on the given path, and the other actions on each parameter.
    resources: [toParameterArn(scope, parameterPath), below],
  });
  const statements = [read, ...toSecretPathStatements(scope, secretPaths)];
  if (!key) return statements;
  const decrypt = new PolicyStatement({
    sid: 'DecryptDocuments',
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    // The encryption context contains the ARN of the parameter.
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

/**
 * Statements that allow reading one secret by `name` through Parameter Store, which calls Secrets Manager with the
 * role's permissions.
 */
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
      // If only the secret's name is known, the random end of its ARN is not.
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
