/**
 * Secrets outside the parameter path that documents may refer to. The prop `secretPaths` sets both the references that
 * the function follows and the secrets that its role may read.
 */
import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  defaultEnvPrefix,
  parseEnvPrefix,
  parseSecretPaths,
  type ReferenceRules,
  secretsManagerPath,
} from '../../functions/proxy/documents/reference-rules.ts';
import { toParameterArn } from './parameter-path.ts';
import type { ProxyEnvironmentProps } from './proxy-environment.ts';

/**
 * Creates the rules as the function will read them.
 * @throws Error for a path that the function would refuse; tokens are not checked
 */
export function toReferenceRules(
  root: string,
  { secretPaths = [], envPrefix = defaultEnvPrefix }: ProxyEnvironmentProps,
): ReferenceRules {
  const toRefusal = (prop: string) => (found: string, expected: string) => {
    throw new Error(`${prop} has ${JSON.stringify(found)}; expected ${expected}.`);
  };
  // The environment variable separates paths by commas.
  const known = secretPaths.filter((path) => !Token.isUnresolved(path));
  const parsed = known.flatMap((path) => {
    const [only, ...more] = parseSecretPaths(path, root, toRefusal('secretPaths'));
    if (only !== undefined && more.length === 0) return [only];
    return toRefusal('secretPaths')(path, 'one absolute path in each text');
  });
  return {
    root,
    originSecret: undefined,
    secretPaths: [...parsed, ...secretPaths.filter(Token.isUnresolved)],
    envPrefix: parseEnvPrefix(envPrefix, toRefusal('envPrefix')),
  };
}

/** Statements that allow reading below the paths, in Parameter Store and in Secrets Manager. */
export function toSecretPathStatements(
  scope: Construct,
  secretPaths: readonly string[] = [],
): PolicyStatement[] {
  if (secretPaths.length === 0) return [];
  const managed = secretPaths.flatMap((path) => toSecretArns(scope, path));
  const read = new PolicyStatement({
    sid: 'ReadSecrets',
    actions: ['ssm:GetParameters'],
    resources: secretPaths.flatMap((path) => toParameterArns(scope, path)),
  });
  if (managed.length === 0) return [read];
  const get = new PolicyStatement({
    sid: 'ReadManagedSecrets',
    actions: ['secretsmanager:GetSecretValue'],
    resources: managed,
  });
  return [read, get];
}

/** ARNs of the parameter itself and of all parameters below it. */
export function toParameterArns(scope: Construct, path: string): string[] {
  const name = path.replace(/\/$/, '');
  return [toParameterArn(scope, name), toParameterArn(scope, `${name}/*`)];
}

/** Secrets Manager appends six random characters to a name. */
function toSecretArns(scope: Construct, path: string): string[] {
  if (!path.startsWith(`${secretsManagerPath}/`)) return [];
  const name = path.slice(secretsManagerPath.length + 1).replace(/\/$/, '');
  return [`${name}-??????`, `${name}/*`].map((resourceName) =>
    Arn.format(
      {
        service: 'secretsmanager',
        resource: 'secret',
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      },
      Stack.of(scope),
    ),
  );
}
