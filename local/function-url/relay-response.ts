import type { ServerResponse } from 'node:http';
import { sendJson } from '../http-server.ts';
import type { FunctionResponse } from '../invoke.ts';
import { PRELUDE_CONTENT_TYPE, type Prelude, splitPrelude } from '../prelude.ts';
import { parseBufferedResult } from './buffered-result.ts';

/** With `RESPONSE_STREAM` a buffered handler's result is sent unchanged, including its envelope. */
export type InvokeMode = 'BUFFERED' | 'RESPONSE_STREAM';

/** Headers of one connection, or of a framing that the server sets itself. */
const NOT_RELAYED = new Set(['connection', 'transfer-encoding', 'content-length', 'keep-alive']);

/** Sends the function's answer. Never throws: if the body is cut, the connection is cut. */
export async function relayResponse(
  result: FunctionResponse,
  response: ServerResponse,
  mode: InvokeMode,
): Promise<void> {
  switch (result.kind) {
    case 'throttled':
      sendError(response, 429, { type: 'TooManyRequestsException', message: 'Rate Exceeded.' });
      return;
    case 'error':
      sendFunctionError(response);
      return;
    case 'buffered':
      sendBuffered(result.payload, response, mode);
      return;
    case 'stream':
      await relayStream(result, response);
      return;
  }
}

/** An error of the service itself, not of the function. */
export function sendError(
  response: ServerResponse,
  status: number,
  { type, message }: { readonly type: string; readonly message: string },
): void {
  const headers = { 'x-amzn-errortype': type };
  sendJson(response, { status, headers, body: JSON.stringify({ Message: message }) });
}

/** A function that crashed, threw or timed out is a 502 for the client. */
function sendFunctionError(response: ServerResponse): void {
  sendError(response, 502, {
    type: 'InternalServerErrorException',
    message: 'Internal Server Error',
  });
}

function sendBuffered(payload: Buffer, response: ServerResponse, mode: InvokeMode): void {
  try {
    const verbatim = { prelude: { statusCode: 200 }, body: payload };
    const { prelude, body } = mode === 'RESPONSE_STREAM' ? verbatim : parseBufferedResult(payload);
    writeHead(response, prelude);
    if (
      prelude.statusCode !== 204 &&
      prelude.statusCode !== 304 &&
      response.req.method !== 'HEAD'
    ) {
      response.setHeader('content-length', body.length);
    }
    response.end(body);
  } catch {
    failHead(response);
  }
}

type Streamed = Extract<FunctionResponse, { kind: 'stream' }>;

async function relayStream({ contentType, body }: Streamed, response: ServerResponse) {
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  try {
    if (contentType === PRELUDE_CONTENT_TYPE) {
      const split = await splitPrelude(chunks);
      writeHead(response, split.prelude);
      // Sends status and headers now, even if the first byte of the body comes late. flushHeaders() would encode the
      // head as UTF-8, but header values are Latin-1 bytes.
      response.write(Buffer.alloc(0));
      await relayBody(split.body, response);
    } else {
      await relayBody(withHead(chunks, response, contentType), response);
    }
    response.end();
  } catch {
    failHead(response);
    await drain(chunks);
  }
}

/** Without a prelude the status is 200; it waits for the first byte, so that a failure can be a 502. */
async function* withHead(chunks: AsyncIterable<Buffer>, response: ServerResponse, type: string) {
  const prelude = { statusCode: 200, headers: { 'content-type': type } };
  for await (const chunk of chunks) {
    if (!response.headersSent) {
      writeHead(response, prelude);
    }
    yield chunk;
  }
  if (!response.headersSent) {
    writeHead(response, prelude);
  }
}

/** Reads to the end even when the client has gone: Lambda doesn't interrupt a function for that. */
async function relayBody(chunks: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  for await (const chunk of chunks) {
    if (!response.destroyed && !response.write(chunk)) {
      await writable(response);
    }
  }
}

function writable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const _ of chunks);
  } catch {
    // What it failed with has been answered already.
  }
}

function writeHead(response: ServerResponse, prelude: Prelude): void {
  for (const [name, value] of Object.entries(prelude.headers ?? {})) {
    if (isRelayed(name.toLowerCase(), response.req.method)) {
      response.setHeader(name, [value].flat().map(String));
    }
  }
  for (const [name, values] of Object.entries(prelude.multiValueHeaders ?? {})) {
    response.setHeader(name, values.map(String));
  }
  for (const cookie of prelude.cookies ?? []) {
    response.appendHeader('set-cookie', cookie);
  }
  if (!response.hasHeader('content-type')) {
    response.setHeader('content-type', 'application/json');
  }
  response.statusCode = prelude.statusCode ?? 200;
}

/** The length that HEAD tells is of a body that is never sent, so nothing else can tell it. */
function isRelayed(name: string, method: string | undefined): boolean {
  return !NOT_RELAYED.has(name) || (name === 'content-length' && method === 'HEAD');
}

/** A head that could not be made is a 502; after it the cut is shown by cutting the connection. */
function failHead(response: ServerResponse): void {
  if (response.headersSent) {
    // Stricter than AWS, where the client sees a complete, shorter body (docs/local-development.md).
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) {
    response.removeHeader(name);
  }
  sendFunctionError(response);
}
