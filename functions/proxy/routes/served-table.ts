/** What requests are served with, whether it was read from Parameter Store or from a snapshot. */
import type { Consumers } from '../chain/exchange.ts';
import type { OriginKeys } from '../http/origin.ts';
import type { Pool } from '../send/connections.ts';
import type { Matcher } from './match.ts';
import type { ServedRoute } from './route.ts';

/** A table that is in force. A refresh makes another one. */
export interface ServedTable {
  /** Digest of the documents in force and their resolved references. */
  readonly version: string;
  readonly matcher: Matcher<ServedRoute>;
  /** The same with global rules around each route; undefined without global rules. */
  readonly guarded?: Matcher<ServedRoute> | undefined;
  readonly consumers: Consumers;
  /** Query parameters that plugins of any route read credentials from. */
  readonly secretParameters: ReadonlySet<string>;
  /** What requests must carry; undefined when nothing is asked of them. */
  readonly originKeys: OriginKeys | undefined;
  /** How many documents there are whose newest version is not in force, or not all of it. */
  readonly invalidDocuments: number;
  /** Every pool that the table uses so far. */
  readonly pools: ReadonlySet<Pool>;
  readonly summary: TableSummary;
}

/** What the log says of a table. */
export interface TableSummary {
  /** Documents of which anything is in force. */
  readonly documents: number;
  readonly routes: number;
  readonly openRoutes: number;
  readonly unavailableRoutes: number;
  /** Ids of open routes, some of them where there are many. */
  readonly open: readonly string[];
}

/** A log line is paid for by its length. */
const maxNamed = 50;

/** @param routes by document */
export function summarize(routes: readonly (readonly SummarizedRoute[])[]): TableSummary {
  const all = routes.flat();
  const open = all.filter(({ isOpen }) => isOpen).map(({ id }) => id);
  return {
    documents: routes.length,
    routes: all.length,
    openRoutes: open.length,
    unavailableRoutes: all.filter(({ isAvailable }) => !isAvailable).length,
    open: open.slice(0, maxNamed),
  };
}

interface SummarizedRoute {
  readonly id: string;
  readonly isOpen: boolean;
  readonly isAvailable: boolean;
}
