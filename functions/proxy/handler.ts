/**
 * THE REQUEST PATH. Start reading here:
 *
 *     event → request → match → plugins( … → rewrite → sign → send ) → relay → access log
 */
import { logAccess } from './access-log.ts';
import { type ProxyError, toProxyError } from './errors.ts';
import { readRequest } from './event.ts';
import type { Logger } from './log.ts';
import { toProblem } from './problem.ts';
import { type OpenStream, RelayError, type ResponseStream, relayResponse } from './relay.ts';
import { withOwnHeaders } from './response-headers.ts';
import type { TableSource } from './routes/refresh.ts';
import type { AccessRecord, Clock, ProxyRequest, ProxyResponse } from './types.ts';

/** The part of Lambda's context object that is used. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  getRemainingTimeInMillis?(): number;
}

export interface HandlerOptions {
  readonly routes: TableSource;
  readonly open: OpenStream;
  readonly log: Logger;
  readonly now: Clock;
  /** Shows route and table version in response headers. */
  readonly debugHeaders: boolean;
}

export type StreamingHandler = (
  event: unknown,
  stream: ResponseStream,
  context: LambdaContext,
) => Promise<void>;

/** What is left for our own 504 when Lambda's time runs out. */
const deadlineMarginMs = 500;
/** Lambda's longest timeout, for a context that does not tell. */
const longestMs = 900_000;

/** @returns the handler; every request is answered, and only a cut stream makes it throw */
export function createHandler({ routes, open, log, now, debugHeaders }: HandlerOptions): StreamingHandler {
  let isColdStart = true;
  return async (event, stream, context) => {
    const startedAt = performance.now();
    const requestId = context.awsRequestId ?? '';
    const deadlineMs = now() + (context.getRemainingTimeInMillis?.() ?? longestMs) - deadlineMarginMs;
    const record: AccessRecord = { upstreamTries: 0 };
    const wasColdStart = isColdStart;
    isColdStart = false;

    let request: ProxyRequest | undefined;
    let response: ProxyResponse;
    let error: ProxyError | undefined;
    try {
      request = readRequest(event, requestId);
      const table = await routes.current(deadlineMs);
      record.tableVersion = table.version;
      const { route, rest } = table.matcher.match(request);
      record.routeId = route.id;
      response = await route.handle({ request, rest, deadlineMs, record });
      response = withOwnHeaders(response, debugHeaders ? record : undefined);
    } catch (thrown) {
      error = toProxyError(thrown);
      response = toProblem(error, requestId);
    }

    let cut: RelayError | undefined;
    let responseBytes = 0;
    try {
      const relayed = await relayResponse(response, stream, { open, method: request?.method ?? 'GET' });
      responseBytes = relayed.bytes;
    } catch (thrown) {
      cut = thrown instanceof RelayError ? thrown : new RelayError(0, thrown);
      error = toProxyError(cut.cause);
      responseBytes = cut.bytes;
    }
    logAccess(log, {
      requestId,
      request,
      record,
      status: response.status,
      responseBytes,
      totalMs: performance.now() - startedAt,
      isColdStart: wasColdStart,
      error,
      isCut: cut !== undefined,
    });
    await routes.settle();
    // Lambda ends the stream with an error trailer and counts the invocation as failed; the environment lives on.
    if (cut) throw new Error(`response cut: ${error?.code ?? 'INTERNAL'}`);
  };
}
