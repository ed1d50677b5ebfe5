/**
 * Signs a call with the given credentials and sends it over the proxy's own connections, with the proxy's deadlines.
 */

import { type ErrorCode, ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { createPools } from '../../functions/proxy/send/connections.ts';
import { sendRequest } from '../../functions/proxy/send/send.ts';
import type { Credentials } from '../../functions/proxy/sign/provider.ts';
import type { SigningScope } from '../../functions/proxy/sign/sign.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { Call } from './request.ts';
import { signCall } from './sign.ts';

/** How a call is signed and sent. */
export interface SendCallOptions {
  readonly scope: SigningScope;
  /** Undefined sends the call unsigned. */
  readonly credentials: Credentials | undefined;
  /** Maximum time until the response's headers, and maximum silence inside its body. */
  readonly timeoutMs: number;
}

/** A stream may last as long as it sends data. */
const longestMs = 24 * 3_600_000;

/** @throws CliError `AWS` if there is no response */
export async function sendCall(
  { target, request, allowedHosts }: Call,
  { scope, credentials, timeoutMs }: SendCallOptions,
): Promise<ProxyResponse> {
  const now = () => Date.now();
  const settings = { keepalive: false, poolSize: 1, idleTimeoutMs: 1000, verifyTls: true };
  const pool = createPools({ allowedHosts, now }).get(target, settings);
  const signed = credentials
    ? await signCall(request, { scope, credentials, nowMs: now() })
    : request;
  try {
    return await sendRequest(signed, {
      origin: target,
      pool,
      headersDeadlineMs: now() + timeoutMs,
      silenceMs: timeoutMs,
      deadlineMs: now() + longestMs,
      now,
    });
  } catch (error) {
    throw toSendingError(error, target.host);
  }
}

const problems: Partial<Record<ErrorCode, string>> = {
  UPSTREAM_UNREACHABLE: 'cannot be reached',
  UPSTREAM_TIMEOUT: 'does not answer in time',
  UPSTREAM_INVALID_RESPONSE: 'does not answer in HTTP',
  UPSTREAM_CUT: 'breaks off its answer',
};

/** Describes as a sentence why a response broke off or did not begin. */
export function toSendingError(error: unknown, host: string): unknown {
  if (!(error instanceof ProxyError)) return error;
  const { code, message, cause } = error;
  const why = (cause as Partial<Error> | undefined)?.message || message;
  return new CliError('AWS', `${host} ${problems[code] ?? 'cannot be called'}: ${why}.`, {
    details: { error: code },
    cause: error,
  });
}
