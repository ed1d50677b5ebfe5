/**
 * An AWS service of the JSON protocol through our own sign and send: one signed POST a call. An SDK's client would cost
 * every cold start 35 to 115 ms.
 */

import { findHeader } from '../http/headers.ts';
import type { ProxyResponse } from '../http/message.ts';
import { createSignedPost, readText, type SignedPostOptions } from './signed-post.ts';

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

/** An AWS service that speaks the AWS JSON protocol. */
export interface AwsJsonOptions extends SignedPostOptions {
  /** Prefix of the operation in `x-amz-target`, such as `AmazonSSM`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

/** @throws AwsServiceError, or ProxyError when the endpoint can't be reached or takes too long */
export type AwsCall = (
  operation: string,
  input: Readonly<Record<string, unknown>>,
  timeoutMs: number,
) => Promise<Record<string, unknown>>;

/**
 * Creates the function that calls operations of a service. It rejects with AWS's error, or with a `ProxyError` when
 * the service cannot be reached in time.
 */
export function createAwsCall(options: AwsJsonOptions): AwsCall {
  const post = createSignedPost(options);
  const type = ['content-type', `application/x-amz-json-${options.version}`] as const;
  return async (operation, input, timeoutMs) => {
    const target = ['x-amz-target', `${options.target}.${operation}`] as const;
    const body = Buffer.from(JSON.stringify(input));
    return readAnswer(operation, await post([type, target], body, timeoutMs));
  };
}

async function readAnswer(
  operation: string,
  response: ProxyResponse,
): Promise<Record<string, unknown>> {
  const { status, headers } = response;
  const answer = parseObject(await readText(response));
  if (status === 200 && answer) return answer;
  const type = findHeader(headers, 'x-amzn-errortype') ?? answer?.['__type'];
  const text = String(type ?? 'InvalidAnswer');
  const name = text.slice(text.lastIndexOf('#') + 1).split(':', 1)[0] ?? '';
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
