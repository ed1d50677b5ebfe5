/** An upstream of several nodes: each try goes to a node that has not had the request. */
import type { Exchange } from '../../chain/exchange.ts';
import { type ErrorCode, ProxyError } from '../../http/errors.ts';
import type { ProxyResponse } from '../../http/message.ts';
import { isStaleConnection } from '../../send/send-errors.ts';
import { type Answer, type Attempt, sendAttempts } from '../attempts.ts';
import { maxLambdaBodyBytes } from '../attributes.ts';
import {
  type Authorization,
  assertBodySize,
  type BalancedUpstream,
  sendAttempt,
  type UpstreamOptions,
} from '../call.ts';
import { type RewriteOptions, rewriteRequest } from '../rewrite.ts';
import type { UpstreamServices } from '../services.ts';
import type { Target } from '../target.ts';
import { type BalanceState, chooseNode } from './choose.ts';
import type { Report } from './health.ts';
import type { UpstreamNode } from './node.ts';
import { withEnd } from './watched-body.ts';

/** An upstream, ready to be called. */
export interface BalancedSettings {
  /** The nodes that may be called. */
  readonly nodes: readonly UpstreamNode[];
  /** What the nodes were made of. While an upstream holds it, equal nodes are not parsed again. */
  readonly parsed?: object;
  readonly state: BalanceState;
  /** Tries after the first one. */
  readonly retries: number;
  readonly retryTimeoutMs: number;
  /** Undefined if neither the route nor the upstream has a `timeout`. */
  readonly times: BalancedTimes | undefined;
  /** What a request is hashed by; `''` where nothing is. */
  readonly readKey: (exchange: Exchange) => string;
}

/** Times of one try. */
export interface BalancedTimes {
  /** Until there is a connection. */
  readonly connectMs: number;
  /** Until the response's headers are here. */
  readonly headersMs: number;
  /** The longest silence inside the body. */
  readonly silenceMs: number;
}

/** APISIX's own times, of nginx. */
const defaultTimes: BalancedTimes = { connectMs: 60_000, headersMs: 60_000, silenceMs: 60_000 };

/** How a request is made for a node. */
interface Dressing extends Authorization {
  readonly target: Target;
}

interface Call extends Omit<RewriteOptions, 'target'> {
  readonly rest: string | undefined;
  readonly retryOn: readonly number[];
  readonly times: BalancedTimes;
  readonly dress: (node: UpstreamNode) => Dressing;
}

/** @returns the upstream, to be called as it is, or in place of the host of a plugin's own upstream */
export function createBalancedUpstream(
  settings: BalancedSettings,
  services: UpstreamServices,
): BalancedUpstream {
  const dressings = new WeakMap<UpstreamOptions, WeakMap<UpstreamNode, Dressing>>();
  const { times } = settings;
  return {
    chosenBy: services.document,
    call(exchange) {
      const { request } = exchange;
      assertBodySize(request, maxLambdaBodyBytes);
      return send(exchange, settings, services, {
        rest: request.path,
        // Nothing is signed, so that the client's Authorization keeps its name.
        forwardAs: 'authorization',
        apiKey: undefined,
        retryOn: [],
        times: times ?? defaultTimes,
        dress: ({ target }) => ({ target }),
      });
    },
    callAs(exchange, options) {
      const known = dressings.get(options) ?? new WeakMap<UpstreamNode, Dressing>();
      dressings.set(options, known);
      const timeoutMs = options.config.timeout;
      return send(exchange, settings, services, {
        rest: exchange.rest,
        forwardAs: options.forwardAs,
        apiKey: options.apiKey,
        retryOn: options.retryOn ?? [],
        times: times ?? { connectMs: timeoutMs, headersMs: timeoutMs, silenceMs: timeoutMs },
        dress(node) {
          const dressing = known.get(node) ?? toDressing(node, options);
          known.set(node, dressing);
          return dressing;
        },
      });
    },
  };
}

/** A plugin's own upstream, with the node's host in place of its own: also what it is signed for. */
function toDressing({ target: node }: UpstreamNode, options: UpstreamOptions): Dressing {
  const { basePath, baseQuery } = options.target;
  const target = { ...node, basePath, baseQuery };
  return { target, ...options.authorizeFor?.(target) };
}

async function send(
  exchange: Exchange,
  { nodes, state, retries, retryTimeoutMs, readKey }: BalancedSettings,
  { now, random, sleep }: UpstreamServices,
  call: Call,
): Promise<ProxyResponse> {
  const key = readKey(exchange);
  const tried = new Set<UpstreamNode>();
  let node = chooseNode(state, { nodes, tried, key });
  let tryNumber = 0;
  const options = {
    ...{ retries, retryTimeoutMs, now, random, sleep, retryOn: call.retryOn },
    timeoutMs: call.times.headersMs,
    otherTargets: nodes.length - 1,
    closeIdle: () => node.pool.closeIdle(),
  };
  return sendAttempts(
    exchange,
    (attempt) => {
      if (attempt.tryNumber > tryNumber) node = chooseNode(state, { nodes, tried, key });
      tryNumber = attempt.tryNumber;
      tried.add(node);
      return sendTo(node, { exchange, state, now, call, attempt });
    },
    options,
  );
}

interface Sending {
  readonly exchange: Exchange;
  readonly state: BalanceState;
  readonly now: UpstreamServices['now'];
  readonly call: Call;
  readonly attempt: Attempt;
}

async function sendTo(
  node: UpstreamNode,
  { exchange, state: { picker, health }, now, call, attempt }: Sending,
): Promise<Answer> {
  const { name, pool } = node;
  const { request, identity, reserved, outbound, deadlineMs, record } = exchange;
  const { target, ...authorization } = call.dress(node);
  const rewritten = rewriteRequest(request, call.rest, {
    ...call,
    ...{ target, identity, reserved, outbound },
  });
  const options = { ...attempt, ...authorization, ...call.times, target, pool, deadlineMs, now };
  record.upstream = name;
  picker.begin?.(name);
  const beganMs = performance.now();
  const note = (report: Report) => {
    const hasFailed = typeof report !== 'number';
    picker.measure?.(name, { tookMs: performance.now() - beganMs, hasFailed });
    health?.report(name, report);
  };
  try {
    const answer = await sendAttempt(rewritten, { ...options, record });
    note(answer.response.status);
    return { ...answer, response: withEnd(answer.response, () => picker.end?.(name)) };
  } catch (error) {
    picker.end?.(name);
    const failure = findFailure(error);
    if (failure) note(failure);
    throw error;
  }
}

/** @returns undefined for an error that says nothing about the node */
function findFailure(error: unknown): Exclude<Report, number> | undefined {
  // A stale connection says nothing about the node: it may have been closed hours ago, while the environment was frozen.
  if (!(error instanceof ProxyError) || isStaleConnection(error)) return undefined;
  if (error.code === 'UPSTREAM_TIMEOUT') return 'timeouts';
  return brokenCodes.has(error.code) ? 'tcp_failures' : undefined;
}

const brokenCodes = new Set<ErrorCode>([
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_CUT',
  'UPSTREAM_INVALID_RESPONSE',
]);
