import { type Stack, Token } from 'aws-cdk-lib';
import type { IRestApi, RestApiBase } from 'aws-cdk-lib/aws-apigateway';
import type { HttpApi, IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnUrl, type IFunction, type IFunctionUrl } from 'aws-cdk-lib/aws-lambda';
import { type InvokeStatement, toFunctionStatements } from './function-statements.ts';
import { toUrlArns } from './upstream-url.ts';

/**
 * An upstream that a proxy can be allowed to call: a function URL with IAM authorization (or its function or alias), an
 * API Gateway API with IAM authorization, the ARN of a function or of `execute-api` resources, or the URL of an API.
 */
export type Upstream = IFunctionUrl | IFunction | AnyRestApi | AnyHttpApi | string;

// Under exactOptionalPropertyTypes CDK's classes do not implement CDK's interfaces.
type AnyRestApi = IRestApi | RestApiBase;
type AnyHttpApi = IHttpApi | HttpApi;

/** Limits a grant on an API to some of its requests. It has no effect on functions and ARNs. */
export interface InvokeScope {
  /**
   * Name of the stage.
   * @default - the API's deployment or default stage; all stages of an imported API
   */
  readonly stage?: string | undefined;

  /**
   * HTTP method, or `*`.
   * @default '*'
   */
  readonly method?: string | undefined;

  /**
   * Path below the stage, for example `/users/*`. It may contain `*`.
   * @default '/*'
   */
  readonly path?: string | undefined;
}

/**
 * Creates the identity statements that a call of `upstream` needs. They are derived from ARNs, because CDK's own
 * `grantInvokeUrl` throws for functions of other stacks and accounts, or adds a resource policy to them.
 */
export function toInvokeStatements(
  stack: Stack,
  upstream: Upstream,
  scope: InvokeScope = {},
): InvokeStatement[] {
  if (typeof upstream === 'string') return toTextStatements(stack, upstream);
  if ('restApiId' in upstream) {
    // Imported APIs have no deployment stage, although the type says so.
    const stage: { stageName: string } | undefined = upstream.deploymentStage;
    return [toApiStatement(upstream, { ...scope, stage: scope.stage ?? stage?.stageName })];
  }
  if ('isHttpApi' in upstream) {
    const { stageName } = upstream.defaultStage ?? {};
    return [toApiStatement(upstream, { ...scope, stage: scope.stage ?? stageName })];
  }
  if ('authType' in upstream) return toFunctionStatements([toUrlFunctionArn(upstream)]);
  return toFunctionStatements([upstream.functionArn]);
}

function toApiStatement(
  api: AnyRestApi | AnyHttpApi,
  { stage, method, path }: InvokeScope,
): InvokeStatement {
  const resource = api.arnForExecuteApi(method ?? '*', path ?? '/*', stage ?? '*');
  return { actions: ['execute-api:Invoke'], resourceArns: [resource] };
}

/**
 * The URL of an alias is authorised on the ARN of the alias. AWS does not document whether the attribute FunctionArn
 * contains it.
 */
function toUrlFunctionArn(url: IFunctionUrl): string {
  const resource = url.node.defaultChild;
  if (!(resource instanceof CfnUrl)) return url.functionArn;
  const { targetFunctionArn, qualifier } = resource;
  return qualifier ? `${targetFunctionArn}:${qualifier}` : targetFunctionArn;
}

function toTextStatements(stack: Stack, upstream: string): InvokeStatement[] {
  if (!/^https?:/i.test(upstream) || Token.isUnresolved(upstream)) {
    return toArnStatements(upstream);
  }
  const { service, arns } = toUrlArns(stack, upstream);
  if (service === 'lambda') return toFunctionStatements(arns);
  return [{ actions: ['execute-api:Invoke'], resourceArns: arns }];
}

/**
 * Names and Regions may contain wildcards, and `?` is one as well. Accounts may not: otherwise anyone could receive the
 * proxy's signature.
 */
function isOneAccount(account: string | undefined): boolean {
  if (account === undefined) return false;
  return Token.isUnresolved(account) ? !/[*?]/.test(account) : /^\d{12}$/.test(account);
}

function toArnStatements(arn: string): InvokeStatement[] {
  const [prefix, partition, service, region, account, ...resource] = arn.split(':');
  const isWhole = prefix === 'arn' && partition && region && isOneAccount(account);
  if (isWhole && service === 'lambda' && resource[0] === 'function' && resource[1]) {
    return toFunctionStatements([arn]);
  }
  if (isWhole && service === 'execute-api' && /^[^/]+\/./.test(resource.join(':'))) {
    return [{ actions: ['execute-api:Invoke'], resourceArns: [arn] }];
  }
  const found = Token.isUnresolved(arn) ? 'A token' : JSON.stringify(arn);
  throw new Error(
    `${found} is not the ARN of an upstream. Expected arn:aws:lambda:<region>:<account>:function:<name> or ` +
      'arn:aws:execute-api:<region>:<account>:<api id>/<stage>/<method>/<path>; ' +
      'for a resource of the same app, pass the construct itself.',
  );
}
