/** Tells an upstream's refusal of our signature or role from an answer of the application behind it. */
import type { ErrorCode } from '../http/errors.ts';
import { findHeader } from '../http/headers.ts';
import type { ProxyResponse } from '../http/message.ts';
import { toArnPartition } from '../sign/partitions.ts';
import type { SigningScope } from '../sign/sign.ts';
import type { Target } from './target.ts';

/** A refusal by IAM, told apart from the application's own response. */
export interface Denial {
  readonly code: ErrorCode;
  /** AWS's own name of the error, from `x-amzn-errortype`. */
  readonly errorType: string;
  /** What an operator has to change, for the log. */
  readonly advice: string;
  /** The upstream's own time, epoch ms; NaN without a `Date` header. */
  readonly upstreamMs: number;
}

/** The signed request that IAM refused, for the advice in the log. */
export interface DenialContext {
  readonly target: Target;
  readonly scope: SigningScope;
  readonly method: string;
  readonly path: string;
}

/**
 * `MissingAuthenticationTokenException` is not here: API Gateway answers it for a resource that does not exist, too,
 * so it is the application's to explain.
 */
const codes: Readonly<Record<string, ErrorCode>> = {
  InvalidSignatureException: 'UPSTREAM_SIGNATURE_REJECTED',
  SignatureDoesNotMatch: 'UPSTREAM_SIGNATURE_REJECTED',
  IncompleteSignatureException: 'UPSTREAM_SIGNATURE_REJECTED',
  UnrecognizedClientException: 'UPSTREAM_KEY_UNKNOWN',
  InvalidClientTokenId: 'UPSTREAM_KEY_UNKNOWN',
  ExpiredTokenException: 'UPSTREAM_TOKEN_EXPIRED',
  ExpiredToken: 'UPSTREAM_TOKEN_EXPIRED',
  AccessDeniedException: 'UPSTREAM_ACCESS_DENIED',
  AccessDenied: 'UPSTREAM_ACCESS_DENIED',
};

/** @returns undefined for everything that is to be relayed untouched */
export function findDenial(response: ProxyResponse, context: DenialContext): Denial | undefined {
  if (response.status !== 403 && response.status !== 400 && response.status !== 401)
    return undefined;
  const header = findHeader(response.headers, 'x-amzn-errortype');
  const errorType = header?.split(':', 1)[0]?.trim() ?? '';
  const code = Object.hasOwn(codes, errorType) ? codes[errorType] : undefined;
  const date = findHeader(response.headers, 'date') ?? '';
  return code && { code, errorType, advice: toAdvice(code, context), upstreamMs: Date.parse(date) };
}

function toAdvice(code: ErrorCode, { target, scope, method, path }: DenialContext): string {
  const { region, service } = scope;
  if (code === 'UPSTREAM_SIGNATURE_REJECTED') {
    return `${target.host} rejected the signature made for region ${region} and service ${service}: check authorization.iam.aws_region and .service, and the secret key if the route has one`;
  }
  if (code === 'UPSTREAM_KEY_UNKNOWN') {
    return `${target.host} does not know the access key: check the route's accesskey, or that the role's account is of the same partition`;
  }
  if (code === 'UPSTREAM_TOKEN_EXPIRED') {
    return `${target.host} says that the credentials have expired: static session tokens must be renewed, role credentials renew by themselves`;
  }
  const arn = `arn:${toArnPartition(region)}`;
  if (service === 'execute-api') {
    if (target.endpointService !== 'execute-api') {
      return `the role may not call ${target.host}: allow execute-api:Invoke on the API behind it`;
    }
    // A private API may be named with its VPC endpoint: <api>-<vpce>.
    const apiId = target.hostname.split('.', 1)[0]?.split('-vpce-', 1)[0];
    const [, stage = '', ...resource] = path.split('/');
    return `the role may not call ${target.host}: allow execute-api:Invoke on ${arn}:execute-api:${region}:*:${apiId}/${stage}/${method}/${resource.join('/')}`;
  }
  if (service === 'lambda') {
    return `the role may not call ${target.host}: allow lambda:InvokeFunctionUrl (condition lambda:FunctionUrlAuthType = AWS_IAM) and, in a second statement, lambda:InvokeFunction (condition lambda:InvokedViaFunctionUrl = true) on the function's ARN; a function of another account must allow the role as well`;
  }
  return `the role may not call ${target.host} (service ${service})`;
}
