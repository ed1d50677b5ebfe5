/**
 * THE REQUEST PATH. Start reading here:
 *
 *     event → request → match → plugins( … → rewrite → sign → send ) → relay → access log
 */

import type { AccessRecord } from './chain/exchange.ts';
import { withDebugHeaders } from './debug-headers.ts';
import { readMethodAndPath, readRequest } from './event.ts';
import type { Background } from './http/background.ts';
import { type ProxyError, toProxyError } from './http/errors.ts';
import type { ProxyRequest, ProxyResponse } from './http/message.ts';
import { admitRequest } from './http/origin.ts';
import { toProblem } from './http/problem.ts';
import type { Clock } from './http/time.ts';
import { logAccess } from './log/access-log.ts';
import type { Logger } from './log/log.ts';
import type { RequestMetrics } from './log/metrics.ts';
import { type OpenStream, type ResponseStream, relayResponse } from './relay.ts';
import type { TableSource } from './routes/refresh.ts';

/** The part of Lambda's context object that is used. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  getRemainingTimeInMillis?(): number;
}

/** What the handler needs: the route table, the response stream, log, clock and metrics. */
export interface HandlerOptions {
  readonly routes: TableSource;
  readonly open: OpenStream;
  readonly log: Logger;
  readonly now: Clock;
  readonly metrics?: RequestMetrics | undefined;
  /** Is told of each request, because work beside requests waits for them. @default there is none */
  readonly background?: Pick<Background, 'enter'>;
  /** Shows route and table version in response headers. */
  readonly debugHeaders: boolean;
}

/**
 * A handler as Lambda's `streamifyResponse` takes it. It resolves when the response is written whole, and rejects when
 * the stream was cut.
 */
export type StreamingHandler = (
  event: unknown,
  stream: ResponseStream,
  context: LambdaContext,
) => Promise<void>;

/** Time kept back before Lambda's timeout, so that the proxy can still answer 504. */
const deadlineMarginMs = 500;
/** Lambda's longest timeout, for a context that does not tell. */
const longestMs = 900_000;

/** @returns the handler; every request is answered, and only a cut stream makes it throw */
export function createHandler(options: HandlerOptions): StreamingHandler {
  const handle = createServer(options);
  const { background } = options;
  return async (...input) => {
    const leave = background?.enter();
    try {
      await handle(...input);
    } finally {
      leave?.();
    }
  };
}

function createServer(options: HandlerOptions): StreamingHandler {
  const { routes, open, log, now, debugHeaders, metrics } = options;
  let isColdStart = true;
  return async (event, stream, context) => {
    const startedAt = performance.now();
    const record: AccessRecord = { coldStart: isColdStart, upstreamTries: 0 };
    isColdStart = false;
    const requestId = context.awsRequestId ?? '';
    const remainingMs = context.getRemainingTimeInMillis?.() ?? longestMs;
    const deadlineMs = now() + remainingMs - deadlineMarginMs;

    const visit = { requestId, deadlineMs, record };
    const { request, response, error } = await respond(event, visit, routes);
    const ttfbMs = performance.now() - startedAt;
    const method = request?.method ?? 'GET';
    const shown = debugHeaders ? withDebugHeaders(response, record) : response;
    const remaining = { open, method, remainingMs: deadlineMs - now() };
    const { bytes, failure } = await relayResponse(shown, stream, remaining);
    const cutBy = failure === undefined ? undefined : toProxyError(failure);
    const entry = {
      requestId,
      request: request ?? readMethodAndPath(event),
      record,
      status: response.status,
      responseBytes: bytes,
      ttfbMs,
      totalMs: performance.now() - startedAt,
      error: cutBy ?? error,
      isCut: cutBy !== undefined,
    };
    logAccess(log, entry, metrics);
    // Lambda ends the stream with an error trailer and counts the invocation as failed; the environment lives on.
    if (cutBy) throw new Error(`response cut: ${cutBy.code}`, { cause: cutBy });
  };
}

interface Visit {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly record: AccessRecord;
}

interface Answer {
  /** Undefined when the event could not be read. */
  readonly request: ProxyRequest | undefined;
  readonly response: ProxyResponse;
  readonly error?: ProxyError;
}

/** Only plugins identify the client. */
const unidentified = {
  consumer: undefined,
  identity: new Map<string, string>(),
  reserved: new Set<string>(),
  carriers: new Set<string>(),
};

/** Everything before the first byte: until then an error is an answer. */
async function respond(
  event: unknown,
  { requestId, deadlineMs, record }: Visit,
  routes: TableSource,
): Promise<Answer> {
  let request: ProxyRequest | undefined;
  try {
    request = readRequest(event, requestId);
    const table = await routes.current(deadlineMs);
    record.secretParameters = table.secretParameters;
    request = admitRequest(request, table.originKeys);
    record.tableVersion = table.version;
    record.tableAgeMs = routes.ageMs();
    record.invalidDocuments = table.invalidDocuments;
    const { consumers, matcher, guarded = matcher } = table;
    const { route, rest } = guarded.match(request);
    record.routeId = route.id;
    const exchange = { request, rest, deadlineMs, record, consumers, ...unidentified };
    const response = await route.handle(exchange);
    return { request, response };
  } catch (thrown) {
    const error = toProxyError(thrown);
    return { request, response: toProblem(error, requestId), error };
  }
}
