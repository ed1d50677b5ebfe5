/** Documents in force → the table that requests are routed with. */

import { createHash } from 'node:crypto';
import type { Logger } from '../log/log.ts';
import { createConsumers } from './consumers.ts';
import type { DocumentInForce } from './in-force.ts';
import { createMatcher, type Matcher } from './match.ts';
import type { Route } from './route.ts';
import { type ServedTable, summarize } from './served-table.ts';
import type { Tree } from './tree.ts';

/** All routes and consumers in force. It never changes; a refresh makes another one. */
export interface RouteTable extends ServedTable {
  readonly matcher: Matcher<Route>;
  readonly documents: ReadonlyMap<string, DocumentInForce>;
  /** Digest of everything that was read; a table is kept as it is while this stays the same. */
  readonly sourceDigest: string;
}

interface Seen {
  readonly log: Logger;
  readonly reported: Set<string>;
}

/** Makes the route table of all documents in force, and logs conflicts that it has not seen before. */
export function toTable(
  all: readonly DocumentInForce[],
  source: Pick<Tree, 'digest' | 'originKeys'>,
  seen: Seen,
): Omit<RouteTable, 'invalidDocuments'> {
  const routes = all.flatMap((document) =>
    [...document.routes].sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
  const matcher = createMatcher(routes);
  const consumers = createConsumers(all.flatMap((document) => document.consumers));
  for (const [winner, loser] of matcher.conflicts) {
    reportConflict('two routes claim the same host, path and method; the first one wins', seen, {
      winner: `${winner.parameter}#${winner.id}`,
      loser: `${loser.parameter}#${loser.id}`,
    });
  }
  for (const { winner, loser, over } of consumers.conflicts) {
    reportConflict('two consumers claim the same name or key; the first one has it', seen, {
      winner: `${winner.parameter}#${winner.username}`,
      loser: `${loser.parameter}#${loser.username}`,
      over,
    });
  }
  const version = createHash('sha256');
  for (const { digest } of all) version.update(digest);
  return {
    version: version.digest('hex').slice(0, 12),
    matcher,
    consumers,
    secretParameters: new Set(routes.flatMap(({ secretParameters }) => secretParameters)),
    originKeys: source.originKeys,
    documents: new Map(all.map((document) => [document.parameter, document])),
    pools: new Set(all.flatMap(({ pools }) => pools)),
    summary: summarize(all.map((document) => document.routes)),
    sourceDigest: source.digest,
  };
}

/** Once for each pair of rivals. */
function reportConflict(
  message: string,
  { log, reported }: Seen,
  rivals: Readonly<Record<string, string>>,
): void {
  const news = JSON.stringify(rivals);
  if (reported.has(news)) return;
  reported.add(news);
  log.warn(message, rivals);
}
