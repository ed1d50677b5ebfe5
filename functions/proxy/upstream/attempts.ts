/**
 * Every sending of a client's request to an upstream, and every reason to send it again. Body and signature never prevent
 * another attempt: the body is in memory, and each attempt is signed anew. Only the possibility that the upstream has acted
 * prevents it.
 *
 * A try is the first sending or one retry of the route. A try has up to two rounds: the second one follows a refused signature.
 * A round has up to two sendings: the second one follows a dead connection.
 *
 * | reason | which requests | how often |
 * |---|---|---|
 * | `stale`: a kept connection died before any byte of a response | idempotent | once each round |
 * | `refused`: the upstream refused the signature, and clock or credentials are right now | any; signed routes | once each try |
 * | `unsent`: the request never left | any | the route's `retries`, counted together with the next two rows |
 * | `failed`: the connection broke, the body was cut, or silence | idempotent | see above |
 * | `status`: a status that the route lists | idempotent | see above |
 *
 * So a request is sent at most 2 × 2 × (1 + `retries`) times, and 2 × (1 + `retries`) times if nothing is signed.
 */
import type { Timeout } from '../documents/timeout.ts';
import { type ErrorCode, ProxyError } from '../http/errors.ts';
import { findHeader } from '../http/headers.ts';
import type { ProxyRequest, ProxyResponse } from '../http/message.ts';
import type { Clock } from '../http/time.ts';
import { isStaleConnection } from '../send/send-errors.ts';

/** The `retries`, `retry_timeout` and `timeout` of a route. */
export interface RetrySettings {
  /** Tries after the first one. */
  readonly retries: number;
  /** No try begins later than this after the first one; 0 sets no such limit. */
  readonly retryTimeoutMs: number;
  /** The document says `retries`; otherwise the number is a default. */
  readonly isWritten?: boolean;
  /** The route's `timeout` for the nodes of an upstream. If it is undefined, that of the upstream applies. */
  readonly timeout?: Timeout | undefined;
}

/** What the attempts of a route need. */
export interface AttemptOptions extends RetrySettings {
  /** Statuses of the upstream after which the request is retried. */
  readonly retryOn: readonly number[];
  /** Time of one try, until its response's headers. */
  readonly timeoutMs: number;
  readonly now: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Number of servers beside the first one. That many retries go to servers that have not had the request, without a pause. @default 0 */
  readonly otherTargets?: number;
  /** Closes the upstream's idle connections: they are as old as the one that died. */
  closeIdle(): void;
}

/** What an attempt knows about the attempts before it. */
export interface Attempt {
  /** Epoch ms by which the response's headers must be here; all attempts of a try share it. */
  readonly headersDeadlineMs: number;
  /** Whether the upstream has refused the signature once in this try. */
  readonly isSecond: boolean;
  /** 0 for the first try; each retry of the route is one more. */
  readonly tryNumber: number;
  /** The access key that signed before, when the upstream has called its credentials expired. */
  readonly rejectedKeyId: string | undefined;
}

/** What an attempt ends with, unless it throws. */
export interface Answer {
  readonly response: ProxyResponse;
  /** Set when the upstream has refused the signature and another one may do. */
  readonly refusal?: { readonly rejectedKeyId: string | undefined };
}

/** Signs and sends the request once. */
export type SendAttempt = (attempt: Attempt) => Promise<Answer>;

interface Rule {
  /** Whether only an idempotent request is sent again (RFC 9110 §9.2.2): the upstream may have acted on this one. */
  readonly isIdempotentOnly: boolean;
  readonly limit: 'once each round' | 'once each try' | 'retries';
}

const rules = {
  stale: { isIdempotentOnly: true, limit: 'once each round' },
  refused: { isIdempotentOnly: false, limit: 'once each try' },
  unsent: { isIdempotentOnly: false, limit: 'retries' },
  failed: { isIdempotentOnly: true, limit: 'retries' },
  status: { isIdempotentOnly: true, limit: 'retries' },
} as const satisfies Readonly<Record<string, Rule>>;

type Reason = keyof typeof rules;
type Outcome = Answer | { readonly error: unknown };
/** How often each limit was used so far. */
type Used = Record<Rule['limit'], number>;

/** Counters that start at 0 again when a limit is used. */
const begun: Readonly<Record<Rule['limit'], Partial<Used>>> = {
  'once each round': {},
  'once each try': { 'once each round': 0 },
  retries: { 'once each round': 0, 'once each try': 0 },
};

const firstPauseMs = 100;
const maxPauseMs = 5000;
const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
const failedCodes = new Set<ErrorCode>([
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_CUT',
  'UPSTREAM_TIMEOUT',
]);

/**
 * @param deadlineMs epoch ms; no attempt begins after it
 * @throws the error of the last attempt
 */
export async function sendAttempts(
  { request, deadlineMs }: { readonly request: ProxyRequest; readonly deadlineMs: number },
  send: SendAttempt,
  options: AttemptOptions,
): Promise<ProxyResponse> {
  const { now, timeoutMs } = options;
  const toTryDeadline = () => Math.min(deadlineMs, now() + timeoutMs);
  const past = { request, beganMs: now(), deadlineMs, options };
  let used: Used = { 'once each round': 0, 'once each try': 0, retries: 0 };
  let headersDeadlineMs = toTryDeadline();
  let rejectedKeyId: string | undefined;
  for (;;) {
    const isSecond = used['once each try'] > 0;
    const tryNumber = used.retries;
    const attempt = { headersDeadlineMs, isSecond, tryNumber, rejectedKeyId };
    const outcome = await toOutcome(send(attempt));
    const again = findReason(outcome, { ...past, used });
    if (!again) return unwrap(outcome);

    const { reason, pauseMs } = again;
    const { limit } = rules[reason];
    if ('response' in outcome) await discardBody(outcome.response);
    if (reason === 'stale') options.closeIdle();
    else rejectedKeyId = toRejectedKeyId(outcome);
    if (limit === 'retries') {
      await options.sleep(pauseMs);
      headersDeadlineMs = toTryDeadline();
    }
    used = { ...used, ...begun[limit], [limit]: used[limit] + 1 };
  }
}

/** Closes a response that will not be read; its connection is not kept. */
export async function discardBody({ body }: ProxyResponse): Promise<void> {
  if (!Buffer.isBuffer(body)) await body[Symbol.asyncIterator]().return?.();
}

interface Past {
  readonly request: ProxyRequest;
  readonly used: Used;
  readonly beganMs: number;
  readonly deadlineMs: number;
  readonly options: AttemptOptions;
}

interface Again {
  readonly reason: Reason;
  /** Wait before the next attempt. */
  readonly pauseMs: number;
}

/** @returns the first reason that explains the outcome and that has not been used up, if there is time for it */
function findReason(outcome: Outcome, past: Past): Again | undefined {
  const { request, used, options } = past;
  const limits: Used = { 'once each round': 1, 'once each try': 1, retries: options.retries };
  const reason = toReasons(outcome, options.retryOn).find((each) => {
    const { limit, isIdempotentOnly } = rules[each];
    return used[limit] < limits[limit] && (!isIdempotentOnly || isIdempotent(request));
  });
  if (reason === undefined) return undefined;
  if (rules[reason].limit !== 'retries') return { reason, pauseMs: 0 };
  const pauseMs = toPauseMs(outcome, past);
  return isInTime(pauseMs, past) ? { reason, pauseMs } : undefined;
}

function toReasons(outcome: Outcome, retryOn: readonly number[]): readonly Reason[] {
  if ('response' in outcome) {
    if (outcome.refusal) return ['refused'];
    return retryOn.includes(outcome.response.status) ? ['status'] : [];
  }
  const { error } = outcome;
  if (!(error instanceof ProxyError)) return [];
  if (error.isUnsent) return ['unsent'];
  if (isStaleConnection(error)) return ['stale', 'failed'];
  return failedCodes.has(error.code) ? ['failed'] : [];
}

/** @returns whether a request that may have been read may be sent again */
function isIdempotent({ method, headers }: ProxyRequest): boolean {
  return idempotentMethods.has(method) || 'idempotency-key' in headers;
}

function isInTime(pauseMs: number, { beganMs, deadlineMs, options }: Past): boolean {
  const nextMs = options.now() + pauseMs;
  if (options.retryTimeoutMs > 0 && nextMs > beganMs + options.retryTimeoutMs) return false;
  return nextMs < deadlineMs;
}

/** @returns how long to wait before the next try, with full jitter */
function toPauseMs(outcome: Outcome, { used, options }: Past): number {
  const { random, now, otherTargets = 0 } = options;
  const isFirstTo = used.retries < otherTargets;
  if (isFirstTo) return 0;
  const jitterMs =
    random() * Math.min(maxPauseMs, firstPauseMs * 2 ** (used.retries - otherTargets));
  return Math.max(jitterMs, readRetryAfterMs(outcome, now()));
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function readRetryAfterMs(outcome: Outcome, nowMs: number): number {
  if (!('response' in outcome)) return 0;
  const value = findHeader(outcome.response.headers, 'retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowMs);
}

function toRejectedKeyId(outcome: Outcome): string | undefined {
  return 'response' in outcome ? outcome.refusal?.rejectedKeyId : undefined;
}

function unwrap(outcome: Outcome): ProxyResponse {
  if ('error' in outcome) throw outcome.error;
  return outcome.response;
}

function toOutcome(attempt: Promise<Answer>): Promise<Outcome> {
  return attempt.catch((error: unknown) => ({ error }));
}
