/** Tries again, where a route asks for it: signed anew each time, within the deadline, with full jitter. */

import type { Exchange, Middleware } from '../chain/exchange.ts';
import { ProxyError } from '../http/errors.ts';
import type { ProxyRequest, ProxyResponse } from '../http/message.ts';
import type { Clock } from '../http/time.ts';

/** The `retries` and `retry_timeout` of a route. */
export interface RetrySettings {
  /** Tries after the first one. */
  readonly retries: number;
  /** No try begins later than this after the first one; 0 sets no such limit. */
  readonly retryTimeoutMs: number;
}

/** What retries need. */
export interface RetryOptions extends RetrySettings {
  /** Statuses of the upstream that are worth another try. */
  readonly retryOn: readonly number[];
  readonly now: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

type Outcome = { readonly response: ProxyResponse } | { readonly error: unknown };

const firstPauseMs = 100;
const mostPauseMs = 5000;
/** RFC 9110 §9.2.2: only these may be sent again when the first sending may have had an effect. */
const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** @returns whether a request that may have been read may be sent again */
export function isIdempotent({
  method,
  headers,
}: Pick<ProxyRequest, 'method' | 'headers'>): boolean {
  return idempotentMethods.has(method) || 'idempotency-key' in headers;
}

/** @returns the middleware itself when the route wants no retries */
export function withRetries(middleware: Middleware, options: RetryOptions): Middleware {
  if (options.retries === 0) return middleware;
  return async (exchange, next) => {
    const beganMs = options.now();
    for (let tries = 1; ; tries += 1) {
      const outcome = await toOutcome(middleware(exchange, next));
      const pauseMs = toPauseMs(outcome, { exchange, tries, beganMs, options });
      if (pauseMs === undefined) {
        if ('error' in outcome) throw outcome.error;
        return outcome.response;
      }
      if ('response' in outcome) await discardBody(outcome.response);
      await options.sleep(pauseMs);
    }
  };
}

/** Closes a response that will not be read; its connection is not kept. */
export async function discardBody({ body }: ProxyResponse): Promise<void> {
  if (!Buffer.isBuffer(body)) await body[Symbol.asyncIterator]().return?.();
}

interface Attempt {
  readonly exchange: Exchange;
  readonly tries: number;
  readonly beganMs: number;
  readonly options: RetryOptions;
}

/** @returns how long to wait before the next try; undefined when there is none */
function toPauseMs(
  outcome: Outcome,
  { exchange, tries, beganMs, options }: Attempt,
): number | undefined {
  const { retries, retryTimeoutMs, now, random } = options;
  if (tries > retries || !isRetriable(outcome, exchange.request, options.retryOn)) return undefined;
  const jitterMs = random() * Math.min(mostPauseMs, firstPauseMs * 2 ** (tries - 1));
  const pauseMs = Math.max(jitterMs, readRetryAfterMs(outcome, now()));
  const nextMs = now() + pauseMs;
  if (retryTimeoutMs > 0 && nextMs > beganMs + retryTimeoutMs) return undefined;
  return nextMs < exchange.deadlineMs ? pauseMs : undefined;
}

function isRetriable(outcome: Outcome, request: ProxyRequest, retryOn: readonly number[]): boolean {
  if ('response' in outcome) {
    return retryOn.includes(outcome.response.status) && isIdempotent(request);
  }
  const { error } = outcome;
  if (!(error instanceof ProxyError)) return false;
  // Whatever was not sent has had no effect, whatever its method.
  if (error.isUnsent) return true;
  const isBroken = error.code === 'UPSTREAM_UNREACHABLE' || error.code === 'UPSTREAM_CUT';
  return (isBroken || error.code === 'UPSTREAM_TIMEOUT') && isIdempotent(request);
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function readRetryAfterMs(outcome: Outcome, nowMs: number): number {
  if (!('response' in outcome)) return 0;
  const value = outcome.response.headers.find(([name]) => name === 'retry-after')?.[1] ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowMs);
}

function toOutcome(attempt: Promise<ProxyResponse>): Promise<Outcome> {
  return attempt.then(
    (response) => ({ response }),
    (error: unknown) => ({ error }),
  );
}
