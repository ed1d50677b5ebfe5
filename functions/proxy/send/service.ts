/** Calls to what a document relies on and does not forward to: authorizers, identity providers. Answers are small, and whole. */
import { ProxyError } from '../http/errors.ts';
import type { HeaderList, UpstreamRequest } from '../http/message.ts';
import type { Clock } from '../http/time.ts';
import type { Pool } from './connections.ts';
import { gatherBody } from './gather.ts';
import type { Origin } from './hosts.ts';
import { sendOwn, sendRequest } from './send.ts';

/** A response that was read whole, of a service that the proxy itself asks. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/** Where a service is, and the limits of its response. */
export interface ServiceOptions {
  readonly origin: Origin;
  readonly pool: Pool;
  readonly timeoutMs: number;
  /** Epoch ms; the earlier of both counts. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly now: Clock;
}

/**
 * @param toRequest makes the request anew for each attempt; if a kept connection has died, there is a second one
 * @throws ProxyError `ACCESS_UNDECIDED`, with what happened as its cause
 */
export async function callService(
  toRequest: () => Promise<UpstreamRequest>,
  options: ServiceOptions,
): Promise<ServiceAnswer> {
  const { origin, pool, timeoutMs, maxBytes, now } = options;
  const deadlineMs = Math.min(options.deadlineMs, now() + timeoutMs);
  const times = { headersDeadlineMs: deadlineMs, deadlineMs, silenceMs: timeoutMs, now };
  const attempt = async () => sendRequest(await toRequest(), { origin, pool, ...times });
  try {
    const response = await sendOwn(attempt, pool);
    return { ...response, body: await gatherBody(response, maxBytes) };
  } catch (error) {
    throw toUndecided(`${origin.hostname} gave no answer`, error);
  }
}

/** Whether a request is allowed cannot be found out, for a reason that the log has. */
export function toUndecided(message: string, cause?: unknown): ProxyError {
  return new ProxyError('ACCESS_UNDECIDED', message, { cause, headers: { 'retry-after': '1' } });
}
