import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createFront,
  headerPairs,
  type Listening,
  type ListenOptions,
  listen,
  readBody,
  sendJson,
} from '../http-server.ts';
import type { Invoke } from '../invoke.ts';
import type { SigV4Verifier } from '../sigv4/verifier.ts';
import { encodeBody } from './encoding.ts';
import {
  createTraceId,
  type IamIdentity,
  type ReceivedRequest,
  toFunctionUrlEvent,
} from './event.ts';
import { type InvokeMode, relayResponse, sendError } from './relay-response.ts';

/** Lambda's limit for a request's payload, base64 included. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Lambda's limit for the request line and the headers together. */
const MAX_HEADER_BYTES = 1024 * 1024;
const METHODS = new Set(['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'PATCH', 'DELETE']);

/** A function URL on this machine. */
export interface FunctionUrlOptions extends ListenOptions {
  readonly invoke: Invoke;
  /**
   * Verifies the signature of every request.
   * @default none, a public URL
   */
  readonly verifier?: SigV4Verifier;
  /** @default BUFFERED */
  readonly invokeMode?: InvokeMode;
  /** The function's timeout. @default 30000 */
  readonly timeoutMs?: number;
  /**
   * The id in the URL's host name on AWS.
   * @default localfunctionurl
   */
  readonly apiId?: string;
  /** @default the system's clock */
  readonly now?: () => Date;
}

/** Starts an HTTP server that converts requests to events, and a function's answers to responses. */
export function startFunctionUrl(options: FunctionUrlOptions): Promise<Listening> {
  return listen(
    createFront((...call) => serve(options, ...call), MAX_HEADER_BYTES),
    options,
  );
}

async function serve(
  options: FunctionUrlOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const now = options.now?.() ?? new Date();
  const requestId = randomUUID();
  response.setHeader('x-amzn-requestid', requestId);
  const request = await readRequest(incoming, response);
  if (request === undefined) {
    return;
  }
  const access = verify(options, request);
  if ('refusal' in access) {
    sendJson(response, access.refusal);
    return;
  }
  const { 'x-amzn-trace-id': sentTraceId } = incoming.headers;
  const traceId = sentTraceId === undefined ? createTraceId(now) : String(sentTraceId);
  response.setHeader('x-amzn-trace-id', traceId);
  const isSigned = access.identity !== undefined;
  const apiId = options.apiId ?? 'localfunctionurl';
  const event = toFunctionUrlEvent(
    { ...request, rawHeaders: toForwarded(request.rawHeaders, { traceId, isSigned }) },
    { apiId, requestId, now, identity: access.identity },
  );
  const timeoutMs = options.timeoutMs ?? 30_000;
  const result = await options.invoke(event, { timeoutMs, requestId, traceId });
  await relayResponse(result, response, options.invokeMode ?? 'BUFFERED');
}

/** Reads the whole request, or answers a request that AWS would not pass to the function. */
async function readRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<ReceivedRequest | undefined> {
  const { method = '', url = '/' } = incoming;
  if (!METHODS.has(method)) {
    incoming.resume();
    sendError(response, 405, { type: 'MethodNotAllowed', message: 'Method Not Allowed' });
    return undefined;
  }
  const body = await readBody(incoming, MAX_PAYLOAD_BYTES);
  const encoded = body && encodeBody(body, incoming.headers as Record<string, string>);
  if (body === undefined || (encoded?.body?.length ?? 0) > MAX_PAYLOAD_BYTES) {
    sendError(response, 413, {
      type: 'RequestEntityTooLargeException',
      message: `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`,
    });
    return undefined;
  }
  const sourceIp = incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1';
  return { method, target: url, rawHeaders: incoming.rawHeaders, body, sourceIp };
}

type Access =
  | { readonly identity: IamIdentity | undefined }
  | { readonly refusal: Parameters<typeof sendJson>[1] };

function verify({ verifier }: FunctionUrlOptions, request: ReceivedRequest): Access {
  if (verifier === undefined) {
    return { identity: undefined };
  }
  const verification = verifier(request);
  if (!verification.ok) {
    const { status, errorType, body } = verification;
    return { refusal: { status, headers: { 'x-amzn-errortype': errorType }, body } };
  }
  return { identity: toIdentity(verification.accessKeyId) };
}

/** Makes an invented role session for the access key, in the form of IAM's. */
function toIdentity(accessKey: string): IamIdentity {
  const callerId = 'AROALOCALSTACKEXAMPLE:local';
  return {
    accessKey,
    accountId: '123456789012',
    callerId,
    userArn: 'arn:aws:sts::123456789012:assumed-role/local/local',
    userId: callerId,
  };
}

/** The headers that the function gets. AWS removes the signature that it has verified. */
function toForwarded(
  rawHeaders: readonly string[],
  { traceId, isSigned }: { readonly traceId: string; readonly isSigned: boolean },
): string[] {
  const forwarded: string[] = [];
  for (const [name, value] of headerPairs(rawHeaders)) {
    if (name !== 'x-amzn-trace-id' && !(isSigned && name === 'authorization')) {
      forwarded.push(name, value);
    }
  }
  return [...forwarded, 'x-amzn-trace-id', traceId];
}
