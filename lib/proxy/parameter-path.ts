import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Parameter Store allows 15 levels. `routes/<id>` below the root takes two of them. */
const maxLevels = 13;

/**
 * `/countersign/<stack name>/<construct path>`. It is unique in an account and Region, because stack names are. In a
 * nested stack the name of the outermost stack counts, because the name of the nested one is unknown at synth.
 */
export function toDefaultParameterPath(scope: Construct): string {
  let stack = Stack.of(scope);
  while (stack.nestedStackParent) stack = stack.nestedStackParent;
  const ids = scope.node.scopes.slice(stack.node.scopes.length).map((part) => part.node.id);
  return ['', 'countersign', stack.stackName, ...ids].join('/');
}

/** @param name absolute name of a parameter, or a path; it may end with `*`, and may be a token */
export function toParameterArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'ssm',
    // The name itself begins with the slash that separates it, also where it is known only at deployment.
    resource: `parameter${name}`,
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });
}

/** Throws if Parameter Store would refuse `path` as the root of a hierarchy. Tokens are not checked. */
export function assertParameterPath(path: string): void {
  if (Token.isUnresolved(path)) return;
  const found = `parameterPath ${JSON.stringify(path)}`;
  if (!/^(?:\/[A-Za-z0-9_.-]+)+$/.test(path)) {
    throw new Error(
      `${found} must look like /countersign/prod: each segment follows one slash and consists of A-Z a-z 0-9 _ . -, ` +
        'and there is no slash at the end. The root "/" is refused too, because the proxy would read every parameter.',
    );
  }
  if (/^\/(?:aws|ssm)/i.test(path)) {
    throw new Error(`${found} may not begin with /aws or /ssm: Parameter Store reserves both.`);
  }
  const levels = path.split('/').length - 1;
  if (levels > maxLevels) {
    throw new Error(
      `${found} has ${levels} levels; at most ${maxLevels} leave room for routes/<id>.`,
    );
  }
}
