import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { parseEndpointName, toArnPartition } from '../../functions/proxy/sign/partitions.ts';
import { toApiId, toApiPaths } from './api-paths.ts';

/** The parts of ARNs of `execute-api` and functions. */
export interface UrlArns {
  readonly service: 'lambda' | 'execute-api';
  readonly arns: string[];
}

/**
 * Finds the resources that a URL stands for, in the stack's own account: the exact path, or everything below it if the
 * URL ends with a slash or `*`. Throws on a URL that does not identify them.
 */
export function toUrlArns(stack: Stack, written: string): UrlArns {
  const url = parseUpstreamUrl(written);
  const isAny = url.hostname.startsWith('*.');
  const endpoint = parseEndpointName(isAny ? url.hostname.replace('*', 'any') : url.hostname);
  if (!endpoint?.isUpstream) {
    throw unclear(written, 'is no URL of API Gateway under its AWS name', 'the ARN instead');
  }
  const { service, region } = endpoint;
  const toArn = (resource: string, resourceName: string, arnFormat: ArnFormat) =>
    stack.formatArn({
      partition: toArnPartition(region),
      service,
      region,
      resource,
      resourceName,
      arnFormat,
    });
  if (service === 'lambda') {
    if (!isAny || url.pathname !== '/') {
      throw unclear(
        written,
        'does not say which function it belongs to, and IAM grants by function',
        `the function's ARN, or https://*.lambda-url.${region}.on.aws/ for every IAM function URL of the account there`,
      );
    }
    return { service, arns: [toArn('function', '*', ArnFormat.COLON_RESOURCE_NAME)] };
  }
  const apiId = isAny ? '*' : toApiId(url.hostname);
  const paths = toApiPaths(url.pathname);
  return {
    service: 'execute-api',
    arns: paths.map((path) => toArn(apiId, path, ArnFormat.SLASH_RESOURCE_NAME)),
  };
}

function parseUpstreamUrl(written: string): URL {
  const plain = /^https:\/\/[^/?#@:]+(\/[^?#]*)?$/i.exec(written);
  const url = plain && URL.canParse(written) ? new URL(written) : undefined;
  // The URL parser resolves dot segments and encodes characters, which would change the request.
  if (url && url.pathname === (plain?.[1] ?? '/')) return url;
  throw unclear(written, 'is no plain URL', 'https://<host>/<path> without port, query and dots');
}

function unclear(written: string, reason: string, expected: string): Error {
  return new Error(`Upstream ${JSON.stringify(written)} ${reason}; give ${expected}.`);
}
