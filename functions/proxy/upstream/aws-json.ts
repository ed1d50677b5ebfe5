/**
 * An AWS service of the JSON protocol through our own sign and send: one signed POST a call. An SDK's client would cost
 * every cold start 35 to 115 ms.
 */
import type { Clock, ProxyResponse, UpstreamRequest } from '../types.ts';
import { createEndpointPool } from './connections.ts';
import type { CredentialsProvider } from './credentials.ts';
import { retryOnFreshConnection, sendRequest } from './send.ts';
import { createSigner } from './sign.ts';

/** An error that the service answered, with its own name, such as `ThrottlingException`. */
export class AwsServiceError extends Error {
  override readonly name = 'AwsServiceError';
  readonly type: string;
  readonly status: number;

  constructor(type: string, status: number, message: string) {
    super(`${type} (${status}): ${message}`);
    this.type = type;
    this.status = status;
  }
}

export interface AwsJsonOptions {
  readonly endpoint: URL;
  readonly region: string;
  /** Of the credential scope, such as `ssm`. */
  readonly service: string;
  /** What stands before the operation in `x-amz-target`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  /** Most idle connections kept. */
  readonly poolSize: number;
  readonly credentials: CredentialsProvider;
  readonly now: Clock;
}

/** @throws AwsServiceError, or ProxyError when the endpoint can't be reached or takes too long */
export type AwsCall = (
  operation: string,
  input: Readonly<Record<string, unknown>>,
  timeoutMs: number,
) => Promise<Record<string, unknown>>;

/** @returns a function that makes one call; a kept connection that had died is replaced, and the call made again */
export function createAwsCall(options: AwsJsonOptions): AwsCall {
  const { endpoint, region, service, credentials, now } = options;
  const isPlain = endpoint.protocol === 'http:';
  const origin = {
    protocol: isPlain ? ('http:' as const) : ('https:' as const),
    hostname: endpoint.hostname.replace(/^\[|\]$/g, ''),
    port: Number(endpoint.port || (isPlain ? 80 : 443)),
  };
  const { poolSize } = options;
  const settings = { keepalive: true, poolSize, idleTimeoutMs: 20_000, verifyTls: true };
  const pool = createEndpointPool(origin, settings, now);
  const sign = createSigner({ region, service });
  return async (operation, input, timeoutMs) => {
    const request = toRequest(operation, input, options);
    const attempt = async () => {
      const signed = sign(request, await credentials(), now());
      const deadlineMs = now() + timeoutMs;
      const times = { headersDeadlineMs: deadlineMs, silenceMs: timeoutMs, deadlineMs, now };
      return sendRequest(signed, { origin, pool, ...times });
    };
    return readAnswer(operation, await retryOnFreshConnection(attempt, pool, true));
  };
}

function toRequest(
  operation: string,
  input: Readonly<Record<string, unknown>>,
  { endpoint, target, version }: AwsJsonOptions,
): UpstreamRequest {
  const body = Buffer.from(JSON.stringify(input));
  return {
    method: 'POST',
    path: endpoint.pathname,
    query: '',
    headers: [
      ['host', endpoint.host],
      ['content-type', `application/x-amz-json-${version}`],
      ['content-length', String(body.length)],
      ['x-amz-target', `${target}.${operation}`],
    ],
    body,
  };
}

async function readAnswer(
  operation: string,
  { status, headers, body }: ProxyResponse,
): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  const answer = parseObject(Buffer.concat(chunks).toString('utf8'));
  if (status === 200 && answer) return answer;
  const type = headers.find(([name]) => name === 'x-amzn-errortype')?.[1] ?? answer?.['__type'];
  const name = String(type ?? 'InvalidAnswer').replace(/^.*#|:.*$/g, '');
  const message = answer?.['message'] ?? answer?.['Message'] ?? '';
  throw new AwsServiceError(name, status, `${operation}: ${message}`);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
