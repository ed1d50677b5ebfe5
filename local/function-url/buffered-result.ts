import type { Prelude } from '../prelude.ts';

/** Status, headers and bytes of a buffered function's answer. */
export interface BufferedResult {
  readonly prelude: Prelude;
  readonly body: Buffer;
}

/**
 * Converts a buffered function's result to its HTTP answer, by the rules of payload 2.0: without a `statusCode` the
 * whole JSON is a body with status 200. Throws if the result is not JSON.
 */
export function parseBufferedResult(payload: Buffer): BufferedResult {
  const result: unknown = JSON.parse(payload.toString('utf8'));
  if (!hasStatusCode(result)) {
    const headers = { 'content-type': 'application/json' };
    // A string is sent as it is, without its quotes.
    const body = typeof result === 'string' ? Buffer.from(result) : payload;
    return { prelude: { statusCode: 200, headers }, body };
  }
  const { body = '', isBase64Encoded, ...prelude } = result;
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
  return { prelude, body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8') };
}

interface Envelope extends Prelude {
  readonly statusCode: number;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

function hasStatusCode(result: unknown): result is Envelope {
  return typeof result === 'object' && result !== null && 'statusCode' in result;
}
