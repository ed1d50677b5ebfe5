import type { AccessRecord } from './chain/exchange.ts';
import type { ProxyResponse } from './http/message.ts';

/** Shows, where an operator asked for it, which route of which table answered. */
export function withDebugHeaders(response: ProxyResponse, record: AccessRecord): ProxyResponse {
  const shown: [string, string][] = [];
  if (record.tableVersion) shown.push(['countersign-table', record.tableVersion]);
  if (record.routeId) shown.push(['countersign-route', record.routeId]);
  return { ...response, headers: [...response.headers, ...shown] };
}
