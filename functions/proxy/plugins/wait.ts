/** Delays that documents ask for. */
import type { Exchange } from '../chain/exchange.ts';
import { ProxyError } from '../http/errors.ts';
import type { PluginServices } from './plugin.ts';

/**
 * Waits, and no longer than the invocation has time for.
 *
 * @throws ProxyError `UPSTREAM_TIMEOUT` at the deadline
 */
export async function waitInTime(
  delayMs: number,
  { deadlineMs }: Pick<Exchange, 'deadlineMs'>,
  { now, sleep }: Pick<PluginServices, 'now' | 'sleep'>,
): Promise<void> {
  if (delayMs <= 0) return;
  const remainingMs = Math.max(0, deadlineMs - now());
  await sleep(Math.min(delayMs, remainingMs));
  if (delayMs >= remainingMs) {
    throw new ProxyError('UPSTREAM_TIMEOUT', `a delay of ${delayMs} ms ends after the deadline`);
  }
}
