/** The content type of a streamed response that begins with a prelude. */
export const PRELUDE_CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response';

/** Separates the prelude's JSON from the body (aws-lambda-ric, HttpResponseStream). */
const DELIMITER = Buffer.alloc(8);

/** Longer than any header block that a function URL allows. It keeps a missing delimiter from filling memory. */
const MAX_PRELUDE_BYTES = 1024 * 1024;

/** Status, headers and cookies of a streamed response. */
export interface Prelude {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly unknown[]>>;
  readonly cookies?: readonly string[];
}

/** Encodes a prelude as the bytes before the body. */
export function encodePrelude(prelude: Prelude): Buffer {
  return Buffer.concat([Buffer.from(JSON.stringify(prelude)), DELIMITER]);
}

/** A stream's prelude, and an iterator over the body's bytes behind it. */
export interface SplitStream {
  readonly prelude: Prelude;
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Reads the prelude from the beginning of a stream. It never ends the source early, so that the caller decides what to
 * do with it. Throws if the stream ends without a delimiter, or the JSON is invalid.
 */
export async function splitPrelude(source: AsyncIterable<Buffer>): Promise<SplitStream> {
  const chunks = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  for (;;) {
    const { value, done } = await chunks.next();
    if (done === true) {
      throw new Error('the response ended inside its prelude');
    }
    // The delimiter may straddle two chunks: search again from seven bytes before the new ones.
    const from = Math.max(0, head.length - DELIMITER.length + 1);
    head = Buffer.concat([head, value]);
    const end = head.indexOf(DELIMITER, from);
    if (end !== -1) {
      const prelude = parsePrelude(head.subarray(0, end));
      return { prelude, body: resume(head.subarray(end + DELIMITER.length), chunks) };
    }
    if (head.length > MAX_PRELUDE_BYTES) {
      throw new Error('no delimiter in the first megabyte of the response');
    }
  }
}

function parsePrelude(json: Buffer): Prelude {
  const parsed: unknown = JSON.parse(json.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Error('the prelude is not a JSON object');
  }
  return parsed;
}

async function* resume(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) {
    yield first;
  }
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    yield next.value;
  }
}
