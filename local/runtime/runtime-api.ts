import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { finished, Readable } from 'node:stream';
import { createDeferred, type Deferred } from '../deferred.ts';
import { listen, readBody, sendJson } from '../http-server.ts';
import { FunctionError, type FunctionResponse, toErrorResponse } from '../invoke.ts';
import { isForOwnHost } from '../own-host.ts';
import { MAX_PAYLOAD_BYTES, readErrorReport, readStreamedBody } from './function-reports.ts';

const PREFIX = '/2018-06-01/runtime/';

/** One event on its way to the runtime. */
export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly traceId?: string | undefined;
  readonly timeoutMs: number;
  /** The event, serialised. */
  readonly event: string;
}

/** An invocation that was passed to the API. */
export interface Delivery {
  /** Settles when the response begins; never rejects. */
  readonly response: Promise<FunctionResponse>;
  /** Settles when the runtime's complete answer has been read, or can no longer come. */
  readonly completed: Promise<void>;
  /** Settles when the runtime has asked for its next event, or can no longer do so. */
  readonly returned: Promise<void>;
  /** Whether the runtime has taken the event. If not, another environment may take it. */
  readonly taken: boolean;
}

/** The server side of the Lambda Runtime API for one environment: one invocation at a time. */
export interface RuntimeApi {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Resolves at the runtime's first request for work; rejects with its init error. */
  readonly ready: Promise<void>;
  deliver(invocation: Invocation, onTaken: () => void): Delivery;
  /** Ends pending and streaming invocations, because the environment died or ran out of time. */
  fail(error: FunctionError): void;
  close(): Promise<void>;
}

interface Pending {
  readonly invocation: Invocation;
  readonly onTaken: () => void;
  readonly respond: (response: FunctionResponse) => void;
  readonly complete: () => void;
  readonly giveBack: () => void;
  taken: boolean;
  streaming?: IncomingMessage;
}

/** Starts a Runtime API on a free port. AWS's own client can use it as well. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const ready = createDeferred<void>();
  // An environment that fails to start must not crash this process if no caller awaits `ready`.
  ready.promise.catch(() => undefined);
  const slot: Slot = { current: undefined, running: undefined, waiting: undefined, ready };
  const server = createServer((request, response) => {
    route(slot, { request, response }).catch((error: unknown) => {
      slot.current?.respond(toErrorResponse(error));
      response.destroy();
    });
  });
  // A runtime may wait for its next event, and a stream may last, for any time.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.keepAliveTimeout = 0;
  const listening = await listen(server);
  return {
    address: `127.0.0.1:${listening.port}`,
    ready: ready.promise,
    deliver: (invocation, onTaken) => deliver(slot, invocation, onTaken),
    fail(error) {
      ready.reject(error);
      slot.current?.streaming?.destroy(error);
      slot.current?.respond(toErrorResponse(error));
      slot.current?.complete();
      slot.current?.giveBack();
      slot.running?.giveBack();
      slot.current = undefined;
    },
    close: listening.close,
  };
}

interface Slot {
  /** The invocation that was passed in and is not completely answered. */
  current: Pending | undefined;
  /** The invocation that the runtime took last. Its handler may still run after its answer. */
  running: Pending | undefined;
  /** The runtime's pending request for an event. */
  waiting: ServerResponse | undefined;
  readonly ready: Deferred<void>;
}

function deliver(slot: Slot, invocation: Invocation, onTaken: () => void): Delivery {
  const response = createDeferred<FunctionResponse>();
  const completed = createDeferred<void>();
  const returned = createDeferred<void>();
  const pending: Pending = {
    invocation,
    onTaken,
    respond: response.resolve,
    complete: completed.resolve,
    giveBack: returned.resolve,
    taken: false,
  };
  slot.current = pending;
  hand(slot);
  return {
    response: response.promise,
    completed: completed.promise,
    returned: returned.promise,
    get taken() {
      return pending.taken;
    },
  };
}

/** Sends the pending event to the waiting runtime, if there are both. */
function hand(slot: Slot): void {
  const { current, waiting } = slot;
  if (current === undefined || current.taken || waiting === undefined || waiting.destroyed) {
    return;
  }
  slot.waiting = undefined;
  slot.running = current;
  current.taken = true;
  current.onTaken();
  const { requestId, functionArn, traceId, timeoutMs, event } = current.invocation;
  waiting.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(event),
    'lambda-runtime-aws-request-id': requestId,
    'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
    'lambda-runtime-invoked-function-arn': functionArn,
    ...(traceId === undefined ? {} : { 'lambda-runtime-trace-id': traceId }),
  });
  waiting.end(event);
}

async function route(slot: Slot, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  if (!isForOwnHost(request)) {
    request.resume();
    sendJson(response, { status: 403, body: '{"errorType":"AccessDenied"}' });
    return;
  }
  const path = `${request.method} ${request.url}`;
  if (path === `GET ${PREFIX}invocation/next`) {
    takeNext(slot, response);
    return;
  }
  if (path === `POST ${PREFIX}init/error`) {
    slot.ready.reject(await readErrorReport(request));
    accept(response);
    return;
  }
  const [, id, what] = /^POST .*\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
  const pending = slot.current;
  if (id === undefined) {
    sendJson(response, { status: 404, body: '{"errorType":"NotFound"}' });
  } else if (pending?.taken !== true || pending.invocation.requestId !== id) {
    sendJson(response, { status: 400, body: '{"errorType":"InvalidRequestID"}' });
  } else if (what === 'error') {
    await takeError(slot, pending, exchange);
  } else if (request.headers['lambda-runtime-function-response-mode'] === 'streaming') {
    startStream(slot, pending, exchange);
  } else {
    await takeBuffered(slot, pending, exchange);
  }
}

/**
 * Handles the runtime's request for an event. AWS's client may send it before the failed stream of its last invocation
 * has arrived; then the response is still pending.
 */
function takeNext(slot: Slot, response: ServerResponse): void {
  slot.waiting = response;
  slot.ready.resolve();
  giveBack(slot);
  hand(slot);
}

/** Ends the last invocation when it is answered and the runtime has asked for the next event. */
function giveBack(slot: Slot): void {
  if (slot.waiting !== undefined && slot.current?.taken !== true) {
    slot.running?.giveBack();
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function takeError(slot: Slot, pending: Pending, exchange: Exchange): Promise<void> {
  pending.respond(toErrorResponse(await readErrorReport(exchange.request)));
  settle(slot, pending);
  accept(exchange.response);
}

async function takeBuffered(slot: Slot, pending: Pending, exchange: Exchange): Promise<void> {
  const payload = await readBody(exchange.request, MAX_PAYLOAD_BYTES);
  if (payload === undefined) {
    const tooLarge = new FunctionError(
      `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
      { errorType: 'Function.ResponseSizeTooLarge' },
    );
    pending.respond(toErrorResponse(tooLarge));
    settle(slot, pending);
    sendJson(exchange.response, { status: 413, body: '{"errorType":"RequestEntityTooLarge"}' });
    return;
  }
  pending.respond({ kind: 'buffered', payload });
  settle(slot, pending);
  accept(exchange.response);
}

function startStream(slot: Slot, pending: Pending, { request, response }: Exchange): void {
  pending.streaming = request;
  finished(request, { writable: false }, (error) => {
    settle(slot, pending);
    if (!error) {
      accept(response);
    }
  });
  // The reader pulls the body, so that a slow client slows the function down.
  const body = Readable.from(readStreamedBody(request), { objectMode: false });
  const contentType = request.headers['content-type'] ?? 'application/octet-stream';
  pending.respond({ kind: 'stream', contentType, body });
}

function settle(slot: Slot, pending: Pending): void {
  if (slot.current === pending) {
    slot.current = undefined;
  }
  giveBack(slot);
  pending.complete();
}

function accept(response: ServerResponse): void {
  sendJson(response, { status: 202, body: '{"status":"OK"}' });
}
