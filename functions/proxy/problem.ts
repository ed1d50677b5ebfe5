import { type ProxyError, toProblemFields } from './errors.ts';
import type { ProxyResponse } from './types.ts';

/**
 * Turns an error into the client's answer: RFC 9457 `application/problem+json`, with title and code
 * and nothing of the cause, and a `countersign-error` header that no upstream can send.
 */
export function toProblem(error: ProxyError, requestId: string): ProxyResponse {
  const { status, title } = toProblemFields(error.code);
  const problem = {
    type: `urn:countersign:problem:${error.code}`,
    title,
    status,
    code: error.code,
    requestId,
  };
  return {
    status,
    headers: [
      ['content-type', 'application/problem+json'],
      ['cache-control', 'no-store'],
      ['countersign-error', error.code],
      ...Object.entries(error.headers),
    ],
    body: Buffer.from(`${JSON.stringify(problem)}\n`),
  };
}
