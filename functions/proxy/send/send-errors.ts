/** What went wrong with a request, in the proxy's codes, and whether the upstream may have had it. */
import { ProxyError, type ProxyErrorOptions } from '../http/errors.ts';

/** A kept connection died before any byte of a response: the peer had closed it, or did so on reading the request. */
export class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

/** Codes that mean that the peer broke off, not that it spoke badly. */
const brokenCodes = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** @returns whether a kept connection died before any byte of a response: the peer may have closed it without reading */
export function isStaleConnection(error: unknown): boolean {
  return error instanceof ProxyError && error.cause instanceof StaleConnectionError;
}

/** How far a request had come. */
export interface Progress {
  /** The connection is older than the request. */
  readonly isKept: boolean;
  /** Bytes have come. */
  readonly hasBegun: boolean;
  /** Nothing is sent before that. */
  readonly isConnected: boolean;
}

/** @returns what an error of Node's client means */
export function toSendError(
  error: NodeJS.ErrnoException,
  { isKept, hasBegun, isConnected }: Progress,
): Error {
  if (error instanceof ProxyError) {
    const isUnsent = error.code === 'UPSTREAM_TIMEOUT' && !isConnected;
    return isUnsent ? toTimeout(error.message, { isUnsent }) : error;
  }
  const isBroken = brokenCodes.has(error.code ?? '');
  if (isBroken && hasBegun) {
    return new ProxyError('UPSTREAM_CUT', 'the connection broke inside the head', { cause: error });
  }
  if (isBroken && isKept) {
    return toUnreachable(
      new StaleConnectionError('a kept connection died before the response began', {
        cause: error,
      }),
    );
  }
  if (error.code?.startsWith('HPE_')) {
    return new ProxyError('UPSTREAM_INVALID_RESPONSE', 'not valid HTTP', { cause: error });
  }
  return toUnreachable(error, !isConnected);
}

/** @param isUnsent no byte of the request was sent */
export function toUnreachable(cause: Error, isUnsent = false): ProxyError {
  const message = 'could not reach the upstream';
  return new ProxyError('UPSTREAM_UNREACHABLE', message, { cause, isUnsent });
}

/** @returns the error of a time that is over, for the log in words */
export function toTimeout(message: string, options: ProxyErrorOptions = {}): ProxyError {
  return new ProxyError('UPSTREAM_TIMEOUT', message, options);
}
