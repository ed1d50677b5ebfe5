/** What it takes to read documents from Parameter Store, and the secrets that they may refer to. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { toParameterArn } from './parameter-path.ts';
import { toParameterArns, toSecretPathStatements } from './secret-paths.ts';

/** Which documents are read, and what encrypts them. */
export interface ReadOptions {
  readonly parameterPath: string;
  /** Of the SecureStrings below the path. */
  readonly encryptionKey?: IKey | undefined;
  readonly secretPaths?: readonly string[] | undefined;
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
