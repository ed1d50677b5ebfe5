import type { AccessRecord, ProxyResponse } from './types.ts';

/**
 * `countersign-*` response headers are ours alone to say: an upstream's are dropped, so that nobody takes its error
 * for one of the proxy's.
 *
 * @param record given when route and table version are to be shown
 */
export function withOwnHeaders(
  response: ProxyResponse,
  record: AccessRecord | undefined,
): ProxyResponse {
  const relayed = response.headers.filter(([name]) => !name.startsWith('countersign-'));
  if (!record) return { ...response, headers: relayed };
  const shown: [string, string][] = [
    ['countersign-table', record.tableVersion ?? ''],
    ['countersign-route', record.routeId ?? ''],
  ];
  return { ...response, headers: [...relayed, ...shown] };
}
