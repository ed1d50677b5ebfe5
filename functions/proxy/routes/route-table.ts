/** Documents in force → the table that requests are routed with. */

import { createHash } from 'node:crypto';
import type { Consumers } from '../chain/exchange.ts';
import { createConsumers } from './consumers.ts';
import { createMatcher } from './create-matcher.ts';
import type { Conflict, Orphan } from './findings.ts';
import { withGlobalRules } from './global-rules.ts';
import type { DocumentInForce } from './in-force.ts';
import type { LoadState } from './load-state.ts';
import type { Matcher } from './match.ts';
import type { Route } from './route.ts';
import { type ServedTable, summarize } from './served-table.ts';
import { type SharedObject, toSharedKey } from './shared/shared-object.ts';
import type { Tree } from './tree.ts';

/** All routes and consumers in force. It never changes; a refresh makes another one. */
export interface RouteTable extends ServedTable {
  readonly matcher: Matcher<Route>;
  readonly documents: ReadonlyMap<string, DocumentInForce>;
  /** Digest of everything that was read; a table is kept as it is while this stays the same. */
  readonly sourceDigest: string;
}

interface TableParts {
  readonly table: Omit<RouteTable, 'invalidDocuments'>;
  readonly conflicts: readonly Conflict[];
  readonly orphans: readonly Orphan[];
}

/** Makes the route table of all documents in force, and finds conflicts between its routes and between its consumers. */
export function toTable(
  all: readonly DocumentInForce[],
  source: Pick<Tree, 'digest' | 'originKeys'> & Pick<LoadState, 'isIndexed'>,
): TableParts {
  const routes = all.flatMap((document) =>
    [...document.routes].sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
  const matcher = createMatcher(source.isIndexed === false ? [] : routes);
  const consumers = createConsumers(all.flatMap((document) => document.consumers));
  const rules = all.flatMap(({ shared = [] }) =>
    shared.filter(({ kind }) => kind === 'global_rule'),
  );
  const version = createHash('sha256');
  for (const { digest } of all) version.update(digest);
  const table = {
    version: version.digest('hex').slice(0, 12),
    matcher,
    consumers,
    secretParameters: new Set(
      [...routes, ...rules].flatMap(({ secretParameters = [] }) => secretParameters),
    ),
    ...(rules.length > 0
      ? { guarded: withGlobalRules(rules, { matcher, open: (route) => route }) }
      : {}),
    originKeys: source.originKeys,
    documents: new Map(all.map((document) => [document.parameter, document])),
    pools: new Set(all.flatMap(({ pools }) => pools)),
    summary: summarize(all.map((document) => document.routes)),
    sourceDigest: source.digest,
  };
  const orphans = consumers.orphans.map(({ parameter, username }) => ({
    ...{ parameter, consumer: username },
  }));
  const ofObjects = findRivals(all.flatMap(({ shared = [] }) => shared));
  return { table, conflicts: [...toConflicts(matcher, consumers), ...ofObjects], orphans };
}

function findRivals(objects: readonly SharedObject[]): readonly Conflict[] {
  const winners = new Map<string, string>();
  return objects.flatMap((object) => {
    const [key, loser] = [toSharedKey(object), `${object.parameter}#${object.id}`];
    const winner = winners.get(key);
    if (winner !== undefined) return { between: 'shared objects' as const, winner, loser };
    winners.set(key, loser);
    return [];
  });
}

type Rivals = Pick<ReturnType<typeof createMatcher>, 'conflicts'>;

function toConflicts(routes: Rivals, consumers: Consumers): readonly Conflict[] {
  return [
    ...routes.conflicts.map(([winner, loser]) => ({
      between: 'routes' as const,
      winner: `${winner.parameter}#${winner.id}`,
      loser: `${loser.parameter}#${loser.id}`,
    })),
    ...consumers.conflicts.map(({ winner, loser, over }) => ({
      between: 'consumers' as const,
      winner: `${winner.parameter}#${winner.username}`,
      loser: `${loser.parameter}#${loser.username}`,
      over,
    })),
  ];
}
