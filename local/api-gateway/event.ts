import { randomUUID } from 'node:crypto';
import { encodeBody } from '../function-url/encoding.ts';
import { queryPairs, type ReceivedRequest, splitTarget, toLogTime } from '../function-url/event.ts';
import { headerPairs } from '../http-server.ts';

/** The part of the API that a request arrived at. */
export interface RestContext {
  readonly stage: string;
  /** The resource's pattern: `/users/{id}`. */
  readonly resource: string;
  /** The path below the stage, still encoded. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly requestId: string;
  readonly now: Date;
  /** Access key of the signer, if IAM verified the request. */
  readonly accessKey?: string | undefined;
}

/** A proxy event of payload 1.0, with the members that handlers of this project use. */
export interface RestEvent {
  readonly resource: string;
  readonly path: string;
  readonly httpMethod: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters: Readonly<Record<string, string>> | null;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>> | null;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly stageVariables: null;
  readonly requestContext: Readonly<Record<string, unknown>>;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
}

/**
 * Converts a request to an event. Header names stay as sent. Of repeated values the event has the last one, and all of
 * them in the multi-value members.
 */
export function toRestEvent(request: ReceivedRequest, context: RestContext): RestEvent {
  const { query } = splitTarget(request.target);
  const lowerCase = Object.fromEntries(headerPairs(request.rawHeaders));
  const multiValueHeaders = group(originalPairs(request.rawHeaders));
  const multiValueQuery = group(queryPairs(query));
  const body = encodeBody(request.body, lowerCase);
  return {
    resource: context.resource,
    path: context.path,
    httpMethod: request.method,
    headers: lastOf(multiValueHeaders),
    multiValueHeaders,
    queryStringParameters: query === '' ? null : lastOf(multiValueQuery),
    multiValueQueryStringParameters: query === '' ? null : multiValueQuery,
    pathParameters: context.pathParameters,
    stageVariables: null,
    requestContext: toRequestContext(request, context, lowerCase),
    body: body.body ?? null,
    isBase64Encoded: body.isBase64Encoded,
  };
}

function toRequestContext(
  request: ReceivedRequest,
  context: RestContext,
  { host = '', 'user-agent': userAgent = null }: Readonly<Record<string, string | null>>,
): Record<string, unknown> {
  const domainName = String(host).replace(/:\d+$/, '');
  return {
    accountId: '123456789012',
    apiId: 'localrestapi',
    domainName,
    domainPrefix: domainName.split('.')[0],
    extendedRequestId: randomUUID(),
    httpMethod: request.method,
    identity: {
      accessKey: context.accessKey ?? null,
      accountId: context.accessKey === undefined ? null : '123456789012',
      sourceIp: request.sourceIp,
      userAgent,
    },
    path: `/${context.stage}${context.path}`,
    protocol: 'HTTP/1.1',
    requestId: context.requestId,
    requestTime: toLogTime(context.now),
    requestTimeEpoch: context.now.getTime(),
    resourcePath: context.resource,
    stage: context.stage,
  };
}

function* originalPairs(rawHeaders: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    yield [String(rawHeaders[i]), String(rawHeaders[i + 1])];
  }
}

function group(pairs: Iterable<[string, string]>): Record<string, string[]> {
  const grouped: Record<string, string[]> = {};
  for (const [name, value] of pairs) {
    grouped[name] = [...(grouped[name] ?? []), value];
  }
  return grouped;
}

function lastOf(grouped: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(grouped).map(([name, values]) => [name, values.at(-1) ?? '']),
  );
}
