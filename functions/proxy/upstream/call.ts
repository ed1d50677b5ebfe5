/** The generic upstream: rewrite → authorize → send, shared by every plugin that calls one. */

import type { AccessRecord, Middleware } from '../chain/exchange.ts';
import { ProxyError } from '../http/errors.ts';
import { isSetByAnswer } from '../http/header-names.ts';
import { findHeader } from '../http/headers.ts';
import type { ProxyResponse, UpstreamRequest } from '../http/message.ts';
import { withTimeLimit } from '../http/time.ts';
import type { Pool } from '../send/connections.ts';
import { gatherBody } from '../send/gather.ts';
import { sendRequest, toTimeout } from '../send/send.ts';
import { type Answer, type Attempt, discardBody, sendAttempts } from './attempts.ts';
import type { GenericUpstreamConfig } from './attributes.ts';
import { rewriteRequest } from './rewrite.ts';
import type { UpstreamServices } from './services.ts';
import type { Target } from './target.ts';

/** What a plugin that calls an upstream gives to the generic upstream. */
export interface UpstreamOptions {
  readonly config: GenericUpstreamConfig;
  readonly target: Target;
  /** Header that carries the client's own `Authorization`; `''` drops it. */
  readonly forwardAs: string;
  readonly apiKey: string | undefined;
  /** Statuses that a retry is worth, where the route has retries. */
  readonly retryOn?: readonly number[];
  /** Adds what the upstream demands; called for each try, and nothing edits the request after it. */
  readonly authorize?: Authorize;
  /** Looks at an answer before it is relayed. @throws ProxyError in its place */
  readonly inspect?: (
    response: ProxyResponse,
    request: UpstreamRequest,
    isSecond: boolean,
  ) => Verdict;
}

/** A request that is ready to be sent. */
export interface Authorized {
  readonly request: UpstreamRequest;
  /** The access key that signed it; undefined where nothing is signed. */
  readonly keyId?: string;
}

/** @param rejectedKeyId the access key that signed before, when the upstream has called its credentials expired */
export type Authorize = (
  request: UpstreamRequest,
  rejectedKeyId: string | undefined,
) => Promise<Authorized>;

/** Relay it, or authorize and send once more: what was wrong has been put right, or new credentials may do it. */
export type Verdict = 'relay' | 'again' | 'again-with-new-credentials';

/** Whole responses up to this size are read before the first byte goes out, so that a cut can still be a 502. */
const wholeBytes = 64 * 1024;
/** @returns the innermost middleware of a route: it calls the upstream and never `next` */
export function createUpstream(options: UpstreamOptions, services: UpstreamServices): Middleware {
  const { config, target } = options;
  const pool = services.connect(target, {
    keepalive: config.keepalive,
    poolSize: config.keepalive_pool,
    idleTimeoutMs: config.keepalive_timeout,
    verifyTls: shouldVerifyTls(options, services),
  });
  const attempts = {
    ...services.retry,
    retryOn: options.retryOn ?? [],
    timeoutMs: config.timeout,
    now: services.now,
    random: services.random,
    sleep: services.sleep,
    closeIdle: () => pool.closeIdle(),
  };
  return async (exchange) => {
    const { request, rest, identity, reserved, outbound, deadlineMs, record } = exchange;
    const size = request.body.length;
    if (size > config.max_req_body_size) {
      throw new ProxyError('BODY_TOO_LARGE', `${size} bytes, at most ${config.max_req_body_size}`);
    }
    const rewritten = rewriteRequest(request, rest, { ...options, identity, reserved, outbound });
    const call = { ...options, pool, deadlineMs, record, now: services.now };
    return sendAttempts(
      exchange,
      (attempt) => sendAttempt(rewritten, { ...call, ...attempt }),
      attempts,
    );
  };
}

/** Drops an upstream's `countersign-*` headers, so that its errors cannot pass for the proxy's own. */
function isTheirs([name]: ProxyResponse['headers'][number]): boolean {
  return !isSetByAnswer(name);
}

interface SendOptions extends UpstreamOptions, Attempt {
  readonly pool: Pool;
  readonly deadlineMs: number;
  readonly record: AccessRecord;
  readonly now: () => number;
}

/** One attempt: authorizes and sends, and looks at the answer. */
async function sendAttempt(rewritten: UpstreamRequest, options: SendOptions): Promise<Answer> {
  const { request: sent, keyId } = await authorizeInTime(rewritten, options);
  const response = await sendOnce(sent, options);
  const verdict = await inspectResponse(response, rewritten, options);
  if (verdict === 'again') return { response, refusal: { rejectedKeyId: undefined } };
  if (verdict === 'again-with-new-credentials') {
    return { response, refusal: { rejectedKeyId: keyId } };
  }
  const theirs = { ...response, headers: response.headers.filter(isTheirs) };
  return { response: await waitFor(readSmall(theirs), options.record) };
}

/** Credentials may have to be fetched first; that takes from the same time. */
async function authorizeInTime(
  rewritten: UpstreamRequest,
  { authorize, rejectedKeyId, headersDeadlineMs, now }: SendOptions,
): Promise<Authorized> {
  if (!authorize) return { request: rewritten };
  return withTimeLimit(authorize(rewritten, rejectedKeyId), headersDeadlineMs - now(), () => {
    throw toTimeout('no credentials in time');
  });
}

async function sendOnce(
  sent: UpstreamRequest,
  { record, target, pool, config, headersDeadlineMs, deadlineMs, now }: SendOptions,
): Promise<ProxyResponse> {
  record.upstreamTries += 1;
  const startedAt = performance.now();
  const sending = sendRequest(sent, {
    origin: target,
    pool,
    headersDeadlineMs,
    silenceMs: config.timeout,
    deadlineMs,
    now,
  });
  const response = await waitFor(sending, record);
  record.upstreamTtfbMs = performance.now() - startedAt;
  return response;
}

/** Counts the time as the upstream's; the rest of a request's time is the proxy's. */
async function waitFor<T>(waiting: Promise<T>, record: AccessRecord): Promise<T> {
  const startedAt = performance.now();
  try {
    return await waiting;
  } finally {
    record.upstreamMs = (record.upstreamMs ?? 0) + performance.now() - startedAt;
  }
}

async function readSmall(response: ProxyResponse): Promise<ProxyResponse> {
  const length = findHeader(response.headers, 'content-length');
  if (length === undefined || Number(length) > wholeBytes) return response;
  return { ...response, body: await gatherBody(response) };
}

async function inspectResponse(
  response: ProxyResponse,
  request: UpstreamRequest,
  { inspect, isSecond }: SendOptions,
): Promise<Verdict> {
  try {
    return inspect?.(response, request, isSecond) ?? 'relay';
  } catch (error) {
    await discardBody(response);
    throw error;
  }
}

/** Certificates of AWS endpoints are always verified; `ssl_verify: false` has no effect for them. */
function shouldVerifyTls({ config, target }: UpstreamOptions, { warn }: UpstreamServices): boolean {
  if (config.ssl_verify || target.protocol === 'http:') return true;
  const isAws = target.endpointService !== undefined;
  warn(
    isAws
      ? `ssl_verify: false is ignored: ${target.host} is an AWS endpoint, and its certificate is always verified`
      : `ssl_verify: false: the certificate of ${target.host} is not verified`,
  );
  return isAws;
}
