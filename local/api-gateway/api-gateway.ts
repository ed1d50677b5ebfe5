import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createTraceId, type ReceivedRequest, splitTarget } from '../function-url/event.ts';
import { relayResponse } from '../function-url/relay-response.ts';
import {
  createFront,
  type Listening,
  type ListenOptions,
  listen,
  readBody,
  sendJson,
} from '../http-server.ts';
import type { FunctionResponse, Invoke } from '../invoke.ts';
import type { SigV4Verifier } from '../sigv4/verifier.ts';
import { toRestEvent } from './event.ts';
import { matchResource, type ResourceMatch } from './match-resource.ts';

/** API Gateway's own limit. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** A resource of the API with its Lambda proxy integration. */
export interface ApiResource {
  /** Path pattern below the stage: `/users`, `/users/{id}`, `/{proxy+}`. The first match is taken. */
  readonly path: string;
  /** @default all */
  readonly methods?: readonly string[];
  readonly invoke: Invoke;
  /** @default AWS_IAM */
  readonly authorization?: 'AWS_IAM' | 'NONE';
  /**
   * Whether requests need one of the API's keys in `x-api-key`.
   * @default false
   */
  readonly apiKeyRequired?: boolean;
}

/** A REST API on this machine. */
export interface ApiGatewayOptions extends ListenOptions {
  readonly stage: string;
  readonly resources: readonly ApiResource[];
  /** Verifies requests to resources with AWS_IAM (service `execute-api`). */
  readonly verifier: SigV4Verifier;
  /**
   * Valid keys for `x-api-key`.
   * @default none
   */
  readonly apiKeys?: readonly string[];
  /** The integration's timeout. @default 29000 */
  readonly timeoutMs?: number;
  /** @default the system's clock */
  readonly now?: () => Date;
}

/** Starts an API: `<url>/<stage>/<path>` invokes the resource's function with a REST event. */
export function startApiGateway(options: ApiGatewayOptions): Promise<Listening> {
  return listen(
    createFront((...call) => serve(options, ...call), 64 * 1024),
    options,
  );
}

async function serve(
  options: ApiGatewayOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const now = options.now?.() ?? new Date();
  const requestId = randomUUID();
  response.setHeader('x-amzn-requestid', requestId);
  response.setHeader('x-amz-apigw-id', Buffer.from(requestId).toString('base64').slice(0, 16));
  const body = await readBody(incoming, MAX_BODY_BYTES);
  if (body === undefined) {
    refuse(response, 413, 'RequestTooLargeException', 'Request Too Long');
    return;
  }
  const { method = '', url: target = '/', rawHeaders } = incoming;
  const sourceIp = incoming.socket.remoteAddress ?? '127.0.0.1';
  const request = { method, target, rawHeaders, body, sourceIp };
  const admitted = admit(options, request, response);
  if (admitted === undefined) {
    return;
  }
  const { match, path, accessKey } = admitted;
  const traceId = String(incoming.headers['x-amzn-trace-id'] ?? createTraceId(now));
  response.setHeader('x-amzn-trace-id', traceId);
  const { resource, pathParameters } = match;
  const event = toRestEvent(request, {
    ...{ stage: options.stage, resource: resource.path, path, pathParameters },
    ...{ requestId, now, accessKey },
  });
  const timeoutMs = options.timeoutMs ?? 29_000;
  const result = await resource.invoke(event, { timeoutMs, requestId, traceId });
  await relay(result, response);
}

interface Admitted {
  readonly match: ResourceMatch<ApiResource>;
  readonly path: string;
  readonly accessKey?: string | undefined;
}

/** Checks stage, resource, IAM and API key, in API Gateway's order; responds to requests that fail a check. */
function admit(
  options: ApiGatewayOptions,
  request: ReceivedRequest,
  response: ServerResponse,
): Admitted | undefined {
  const [, stage, path] = /^\/([^/]*)(.*)$/.exec(splitTarget(request.target).path) ?? [];
  if (stage !== options.stage) {
    refuse(response, 403, 'ForbiddenException', 'Forbidden');
    return undefined;
  }
  const match = matchResource(options.resources, request.method, path || '/');
  if (match === undefined) {
    // API Gateway uses one message for "no such resource" and "not signed".
    refuse(response, 403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
    return undefined;
  }
  const { authorization = 'AWS_IAM', apiKeyRequired = false } = match.resource;
  const verification = authorization === 'AWS_IAM' ? options.verifier(request) : undefined;
  if (verification?.ok === false) {
    const headers = { 'x-amzn-errortype': verification.errorType };
    sendJson(response, { ...verification, headers });
    return undefined;
  }
  const sentKey = response.req.headers['x-api-key'];
  if (apiKeyRequired && !options.apiKeys?.includes(String(sentKey))) {
    refuse(response, 403, 'ForbiddenException', 'Forbidden');
    return undefined;
  }
  return { match, path: path || '/', accessKey: verification?.accessKeyId };
}

/** A REST API accepts only the response envelope. A failed integration, or any other answer, is a 502. */
async function relay(result: FunctionResponse, response: ServerResponse): Promise<void> {
  if (result.kind === 'throttled') {
    refuse(response, 429, 'TooManyRequestsException', 'Too Many Requests');
    return;
  }
  if (result.kind === 'error' && result.errorType === 'Sandbox.Timedout') {
    refuse(response, 504, 'InternalServerErrorException', 'Endpoint request timed out');
    return;
  }
  if (result.kind === 'error' || (result.kind === 'buffered' && !hasStatusCode(result.payload))) {
    refuse(response, 502, 'InternalServerErrorException', 'Internal server error');
    return;
  }
  await relayResponse(result, response, 'BUFFERED');
}

function hasStatusCode(payload: Buffer): boolean {
  try {
    const result: unknown = JSON.parse(payload.toString('utf8'));
    return typeof result === 'object' && result !== null && 'statusCode' in result;
  } catch {
    return false;
  }
}

function refuse(response: ServerResponse, status: number, errorType: string, message: string) {
  const headers = { 'x-amzn-errortype': errorType };
  sendJson(response, { status, headers, body: JSON.stringify({ message }) });
}
