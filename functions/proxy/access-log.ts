/** One line of JSON a request. No header values, no query values, no body: what is not logged cannot leak. */
import { describeError, type ErrorCode, type ProxyError } from './errors.ts';
import type { Logger } from './log.ts';
import type { AccessRecord, ProxyRequest } from './types.ts';

export interface AccessEntry {
  readonly requestId: string;
  /** As much as is known when the event could not be read. */
  readonly request: Partial<ProxyRequest>;
  readonly record: AccessRecord;
  readonly status: number;
  readonly responseBytes: number;
  readonly totalMs: number;
  readonly error: ProxyError | undefined;
  /** The stream was cut after its first byte; the status had left before. */
  readonly isCut: boolean;
}

/** Codes that are the client's doing: worth a line, not an alarm. */
const clientErrors = new Set<ErrorCode>([
  'MALFORMED_REQUEST',
  'UNSAFE_PATH',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NO_ROUTE',
  'METHOD_NOT_ALLOWED',
  'BODY_TOO_LARGE',
  'RATE_LIMITED',
]);

/** Writes the line at `info`, at `error` when something failed that an operator should see. */
export function logAccess(log: Logger, entry: AccessEntry): void {
  const { request, record, error } = entry;
  const fields = {
    type: 'access',
    requestId: entry.requestId,
    method: request.method,
    path: toShort(request.path),
    ...(log.isEnabled('debug') ? { query: toShort(request.query) } : {}),
    route: record.routeId,
    consumer: record.consumer,
    status: entry.status,
    requestBytes: request.body?.length,
    responseBytes: entry.responseBytes,
    upstreamTtfbMs: toTenths(record.upstreamTtfbMs),
    upstreamTries: record.upstreamTries,
    totalMs: toTenths(entry.totalMs),
    coldStart: record.coldStart,
    table: record.tableVersion,
    error: error?.code,
    cause: error && describeError(error),
    cut: entry.isCut || undefined,
  };
  const isFailure = error !== undefined && !clientErrors.has(error.code);
  log[isFailure ? 'error' : 'info']('request', fields);
}

/** A line is paid for by its length, and a path may be a megabyte long. */
const mostCharacters = 1024;

function toShort(text: string | undefined): string | undefined {
  return text && text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}

function toTenths(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}
