/** One line of JSON a request. It has no header values and no body, so they cannot leak. The query is there at `debug` only, masked. */

import type { AccessRecord } from '../chain/exchange.ts';
import { describeError, type ErrorCode, type ProxyError } from '../http/errors.ts';
import type { ProxyRequest } from '../http/message.ts';
import type { Logger } from './log.ts';
import { maskQuery } from './masked-query.ts';
import type { Measurements, RequestMetrics } from './metrics.ts';

/** The values of one access line (docs/request-path.md, "The access log"). Times are in ms. */
export interface AccessEntry {
  readonly requestId: string;
  /** As much as is known when the event could not be read. */
  readonly request: Partial<ProxyRequest>;
  readonly record: AccessRecord;
  readonly status: number;
  readonly responseBytes: number;
  /** From the event to the status of the answer. */
  readonly ttfbMs: number;
  /** From the event to the last byte of the answer. */
  readonly totalMs: number;
  readonly error: ProxyError | undefined;
  /** The stream was cut after its first byte; the status had left before. */
  readonly isCut: boolean;
}

/** Codes that are the client's doing: worth a line, not an alarm. */
const clientCodes = new Set<ErrorCode>([
  'MALFORMED_REQUEST',
  'UNSAFE_PATH',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'ORIGIN_REFUSED',
  'NO_ROUTE',
  'METHOD_NOT_ALLOWED',
  'BODY_TOO_LARGE',
  'RATE_LIMITED',
]);

/**
 * Writes the line at `info`, at `error` when something failed that an operator should see.
 *
 * @param metrics none without it. They ride on the line; where the log level has no line, one carries them alone.
 */
export function logAccess(log: Logger, entry: AccessEntry, metrics?: RequestMetrics): void {
  const { request, record, error } = entry;
  const isFailure = error !== undefined && !clientCodes.has(error.code);
  const level = isFailure ? 'error' : 'info';
  const measured = toMeasurements(entry);
  const { requestBytes, responseBytes, upstreamMs, addedMs, ttfbMs } = measured;
  const route = record.routeId;
  const code = error?.code;
  const metricFields = metrics && toMetricFields(measured, route !== undefined, metrics);
  if (!log.isEnabled(level)) {
    if (metricFields) log.always('metrics', { route, error: code, ...measured, ...metricFields });
    return;
  }
  // One spread, the last: a line of several costs ten times as much to put together.
  log[level]('request', {
    type: 'access',
    requestId: entry.requestId,
    method: request.method,
    path: toShort(request.path),
    query: log.isEnabled('debug') ? toShownQuery(request.query, record) : undefined,
    route,
    consumer: record.consumer,
    credential: record.credential,
    upstream: record.upstream,
    status: entry.status,
    requestBytes,
    responseBytes,
    upstreamTtfbMs: toTenths(record.upstreamTtfbMs),
    upstreamTries: record.upstreamTries,
    upstreamMs,
    addedMs,
    ttfbMs,
    totalMs: toTenths(entry.totalMs),
    coldStart: record.coldStart,
    table: record.tableVersion,
    error: code,
    cause: error && describeError(error),
    cut: entry.isCut || undefined,
    ...metricFields,
  });
}

function toMeasurements(entry: AccessEntry): Measurements {
  const { request, record, status, error } = entry;
  const { upstreamMs, tableAgeMs, invalidDocuments, coldStart } = record;
  return {
    requestBytes: request.body?.length,
    responseBytes: entry.responseBytes,
    upstreamMs: toTenths(upstreamMs),
    addedMs: toTenths(entry.ttfbMs - (upstreamMs ?? 0)),
    ttfbMs: toTenths(entry.ttfbMs),
    clientErrors: status >= 400 && status < 500 ? 1 : undefined,
    // A cut stream is a failure, with any status that was sent before.
    serverErrors: status >= 500 || entry.isCut ? 1 : undefined,
    errors: error && 1,
    coldStarts: coldStart ? 1 : undefined,
    tableAgeSeconds: tableAgeMs === undefined ? undefined : toTenths(tableAgeMs / 1000),
    invalidDocuments,
  };
}

/** What only metrics need, and what makes metrics of the line. */
function toMetricFields(measured: Measurements, hasRoute: boolean, metrics: RequestMetrics) {
  const { clientErrors, serverErrors, errors, coldStarts } = measured;
  return {
    clientErrors,
    serverErrors,
    errors,
    coldStarts,
    tableAgeSeconds: measured.tableAgeSeconds,
    invalidDocuments: measured.invalidDocuments,
    proxy: metrics.proxy,
    _aws: metrics.toMetadata(measured, hasRoute),
  };
}

/** A line is paid for by its length, and a path may be a megabyte long. */
const maxCharacters = 1024;

function toShort(text: string | undefined): string | undefined {
  return text && text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
}

function toShownQuery(query: string | undefined, { secretParameters }: AccessRecord) {
  const short = toShort(query);
  return short && maskQuery(short, secretParameters);
}

function toTenths<T extends number | undefined>(value: T): T {
  return (value === undefined ? undefined : Math.round(value * 10) / 10) as T;
}
