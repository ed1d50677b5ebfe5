/** The generic upstream: rewrite → authorize → send, shared by every plugin that calls one. */

import { toNoUpstream } from '../chain/chain.ts';
import type { AccessRecord, ChosenUpstream, Exchange, Middleware } from '../chain/exchange.ts';
import { ProxyError } from '../http/errors.ts';
import { isSetByAnswer } from '../http/header-names.ts';
import { findHeader } from '../http/headers.ts';
import type { ProxyRequest, ProxyResponse, UpstreamRequest } from '../http/message.ts';
import { withTimeLimit } from '../http/time.ts';
import type { Pool } from '../send/connections.ts';
import { gatherBody } from '../send/gather.ts';
import { sendRequest } from '../send/send.ts';
import { toTimeout } from '../send/send-errors.ts';
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
  /** Requests are made with keys that the document has: API keys, keys that sign, or an external id. @default true */
  readonly hasKeys?: boolean;
  /** Statuses of the upstream after which the request is retried, where the route has retries. */
  readonly retryOn?: readonly number[];
  /** Made once for each host that the plugin's requests go to. */
  readonly authorizeFor?: (target: Target) => Authorization;
}

/** What the server of one host demands, and how its refusals are told. */
export interface Authorization {
  /** Adds what the upstream demands; called for each attempt, and nothing edits the request after it. */
  readonly authorize?: Authorize;
  /** Looks at an answer before it is relayed. @throws ProxyError in its place */
  readonly inspect?: (
    response: ProxyResponse,
    request: UpstreamRequest,
    isSecond: boolean,
  ) => Verdict | Promise<Verdict>;
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
  const authorization = options.authorizeFor?.(target);
  const pool = services.connect(target, {
    keepalive: config.keepalive,
    poolSize: config.keepalive_pool,
    idleTimeoutMs: config.keepalive_timeout,
    verifyTls: shouldVerifyTls(
      { isAsked: config.ssl_verify, name: 'ssl_verify', target },
      services,
    ),
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
    const { request, rest, identity, reserved, outbound, deadlineMs, record, upstream } = exchange;
    assertBodySize(request, config.max_req_body_size);
    if (upstream ?? outbound) assertOwnKeys(exchange, options, services);
    if (upstream && isBalanced(upstream)) return upstream.callAs(exchange, options);
    const rewritten = rewriteRequest(request, rest, { ...options, identity, reserved, outbound });
    const silenceMs = config.timeout;
    const call = {
      ...authorization,
      target,
      pool,
      silenceMs,
      deadlineMs,
      record,
      now: services.now,
    };
    return sendAttempts(
      exchange,
      (attempt) => sendAttempt(rewritten, { ...call, ...attempt }),
      attempts,
    );
  };
}

/** An upstream of several nodes, which a plugin has chosen for a request. */
export interface BalancedUpstream extends ChosenUpstream {
  /** Calls it in place of the host of a plugin's own upstream: what the plugin does for its host, it does for the node's. */
  callAs(exchange: Exchange, options: UpstreamOptions): Promise<ProxyResponse>;
}

/** Who may write one document must not get the keys of another one sent to a host of their own choice. */
function assertOwnKeys(
  { upstream, outbound }: Exchange,
  { hasKeys = true, target }: UpstreamOptions,
  { document }: UpstreamServices,
): void {
  // A query goes to the chosen host as well, and may be a key: `?code=…` of Azure Functions.
  if (!hasKeys && target.baseQuery === '') return;
  const chosenBy = [upstream?.chosenBy, outbound?.hostBy].find((by) => by && by !== document);
  if (chosenBy === undefined) return;
  throw toNoUpstream(`${chosenBy} may not choose the host that gets keys of ${document}`);
}

function isBalanced(upstream: ChosenUpstream): upstream is BalancedUpstream {
  return 'callAs' in upstream;
}

/** @throws ProxyError `BODY_TOO_LARGE` */
export function assertBodySize({ body: { length } }: ProxyRequest, maxBytes: number): void {
  if (length > maxBytes)
    throw new ProxyError('BODY_TOO_LARGE', `${length} bytes, at most ${maxBytes}`);
}

/** Drops an upstream's `countersign-*` headers, so that its errors cannot pass for the proxy's own. */
function isTheirs([name]: ProxyResponse['headers'][number]): boolean {
  return !isSetByAnswer(name);
}

/** Where one attempt goes, and what it may take. */
export interface AttemptSettings extends Authorization, Attempt {
  readonly target: Target;
  readonly pool: Pool;
  /** The longest silence inside the body. */
  readonly silenceMs: number;
  /** Until there is a connection. @default as long as until the response's headers */
  readonly connectMs?: number;
  readonly deadlineMs: number;
  readonly record: AccessRecord;
  readonly now: () => number;
}

/** One attempt: authorizes and sends, and looks at the answer. */
export async function sendAttempt(
  rewritten: UpstreamRequest,
  options: AttemptSettings,
): Promise<Answer> {
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
  { authorize, rejectedKeyId, headersDeadlineMs, now }: AttemptSettings,
): Promise<Authorized> {
  if (!authorize) return { request: rewritten };
  return withTimeLimit(authorize(rewritten, rejectedKeyId), headersDeadlineMs - now(), () => {
    throw toTimeout('no credentials in time');
  });
}

async function sendOnce(
  sent: UpstreamRequest,
  { record, target, ...options }: AttemptSettings,
): Promise<ProxyResponse> {
  record.upstreamTries += 1;
  const startedAt = performance.now();
  const sending = sendRequest(sent, { ...options, origin: target });
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
  { inspect, isSecond }: AttemptSettings,
): Promise<Verdict> {
  try {
    return (await inspect?.(response, request, isSecond)) ?? 'relay';
  } catch (error) {
    await discardBody(response);
    throw error;
  }
}

/** What a document says about the certificate of a host. */
export interface VerifyTls {
  readonly isAsked: boolean;
  /** Name of the attribute. */
  readonly name: string;
  readonly target: Target;
}

/** Certificates of AWS endpoints are always verified: the attribute has no effect for them. */
export function shouldVerifyTls(
  { isAsked, name, target }: VerifyTls,
  { warn }: UpstreamServices,
): boolean {
  if (isAsked || target.protocol === 'http:') return true;
  const isAws = target.endpointService !== undefined;
  warn(
    isAws
      ? `${name}: false is ignored: ${target.host} is an AWS endpoint, and its certificate is always verified`
      : `${name}: false: the certificate of ${target.host} is not verified`,
  );
  return isAws;
}
