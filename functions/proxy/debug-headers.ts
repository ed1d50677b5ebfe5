import type { AccessRecord, ProxyResponse } from './types.ts';

/** Shows, where an operator asked for it, which route of which table answered. */
export function withDebugHeaders(response: ProxyResponse, record: AccessRecord): ProxyResponse {
  const shown: [string, string][] = [
    ['countersign-table', record.tableVersion ?? ''],
    ['countersign-route', record.routeId ?? ''],
  ];
  return { ...response, headers: [...response.headers, ...shown] };
}
