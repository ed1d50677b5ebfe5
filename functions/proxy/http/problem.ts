import { type ProxyError, toProblemFields } from './errors.ts';
import type { ProxyResponse } from './message.ts';

/**
 * Turns an error into the client's answer: RFC 9457 `application/problem+json`, with title and code
 * and nothing of the cause, and a `countersign-error` header that no upstream can send.
 */
export function toProblem(error: ProxyError, requestId: string): ProxyResponse {
  const { code, answer, detail } = error;
  const { title, status: ownStatus } = toProblemFields(code);
  const status = answer?.status ?? ownStatus;
  const type = `urn:countersign:problem:${code}`;
  const problem = `${JSON.stringify({ type, title, status, detail, code, requestId })}\n`;
  const own = answer?.body === undefined ? 'application/problem+json' : 'text/plain';
  const headers = new Map([
    ['content-type', own],
    ['cache-control', 'no-store'],
    ['countersign-error', code],
    ...Object.entries(error.headers),
    // Set again last, so that a header of a document cannot replace it.
    ['countersign-error', code],
  ]);
  const cookies = (answer?.cookies ?? []).map((value) => ['set-cookie', value] as const);
  return { status, headers: [...headers, ...cookies], body: Buffer.from(answer?.body ?? problem) };
}
