/** A snapshot → the table that requests are routed with. */
import type { Consumer, Exchange } from '../../chain/exchange.ts';
import type { ProxyResponse } from '../../http/message.ts';
import { parseOriginKeys } from '../../http/origin.ts';
import { createConsumers } from '../consumers.ts';
import { searchIn } from '../match.ts';
import type { ServedRoute } from '../route.ts';
import type { ServedTable } from '../served-table.ts';
import { createRefusal, notBuilt } from '../unavailable.ts';
import type { CompiledDocuments } from './compiled-documents.ts';
import type { KeptConditions } from './conditions.ts';
import type { ConsumerRecord } from './format.ts';
import type { guardMatcher, SnapshotRoute } from './guarded-table.ts';
import type { Snapshot } from './read.ts';

/** A table that is served from a snapshot. */
export interface SnapshotTable extends ServedTable {
  readonly sequence: number;
}

/** What a table adds to its snapshot. */
export interface SnapshotTableOptions {
  readonly documents: CompiledDocuments;
  /** Whether requests must carry the origin secret. The proxy's configuration decides, not the snapshot. */
  readonly hasOriginSecret: boolean;
  readonly conditions: KeptConditions;
  /** Open routes answer 503. @default false */
  readonly requireAccessPlugin?: boolean;
}

/** Consumers are compiled at once, because the next request may name any of them; routes are compiled when they match. */
export async function toSnapshotTable(
  snapshot: Snapshot,
  { documents, hasOriginSecret, conditions, requireAccessPlugin = false }: SnapshotTableOptions,
): Promise<SnapshotTable> {
  const { header, index } = snapshot;
  const consumers: Consumer[] = [];
  for (const place of header.consumers) {
    consumers.push(...(await readConsumers(snapshot, place, documents)));
  }
  const routes = new Map<number, SnapshotRoute>();
  const routeAt = (place: number): SnapshotRoute => {
    const known = routes.get(place);
    if (known) return known;
    const route = toServedRoute(snapshot, place, documents);
    routes.set(place, route);
    return route;
  };
  const conditionAt = header.hasConditions
    ? (await import('./conditions.ts')).createConditions(snapshot, conditions)
    : () => undefined;
  const matcher = searchIn({ index, routeAt, conditionAt });
  return {
    version: header.table,
    sequence: header.sequence,
    matcher,
    ...(header.globalRules
      ? await guard(snapshot, matcher, { documents, requireAccessPlugin })
      : {}),
    consumers: createConsumers(consumers),
    secretParameters: new Set(header.secretParameters),
    originKeys: hasOriginSecret ? parseOriginKeys(header.origin ?? undefined) : undefined,
    invalidDocuments: header.invalid,
    summary: header.summary,
    get pools() {
      return documents.pools();
    },
  };
}

async function guard(
  ...input: Parameters<typeof guardMatcher>
): Promise<Pick<ServedTable, 'guarded'>> {
  const { guardMatcher } = await import('./guarded-table.ts');
  return { guarded: await guardMatcher(...input) };
}

async function readConsumers(
  snapshot: Snapshot,
  place: number,
  documents: CompiledDocuments,
): Promise<Consumer[]> {
  const compiled = await documents.get(snapshot, place);
  const { consumers: records = [], parameter } = snapshot.documentAt(place);
  if (!compiled) return records.map((record) => toNobody(record, parameter));
  const refused = new Set(
    records.filter(({ isAvailable }) => !isAvailable).map(({ username }) => username),
  );
  return compiled.consumers.map((consumer) =>
    refused.has(consumer.username) ? { ...consumer, isAvailable: false } : consumer,
  );
}

/** No client is this consumer, and its headers stay those of plugins alone. */
function toNobody(
  { username, credential, identityHeaders = [] }: ConsumerRecord,
  parameter: string,
): Consumer {
  const nothing = { labels: {}, credentials: new Map(), plugins: [] };
  const kind = credential === undefined ? {} : { credentialId: credential };
  return { ...nothing, ...kind, username, parameter, isAvailable: false, identityHeaders };
}

function toServedRoute(
  snapshot: Snapshot,
  place: number,
  documents: CompiledDocuments,
): SnapshotRoute {
  const { document, place: inside, isAvailable } = snapshot.routeAt(place);
  const { parameter, routes } = snapshot.documentAt(document);
  const { id = '', reason } = routes[inside] ?? {};
  const subject = `a route of ${parameter}`;
  if (!isAvailable) {
    return { id, handle: createRefusal(subject, reason), open: async () => undefined };
  }
  const open = async () =>
    (await documents.get(snapshot, document))?.routes.find((own) => own.id === id);
  let handle: ServedRoute['handle'] | undefined;
  const build = async (exchange: Exchange): Promise<ProxyResponse> => {
    const route = await open();
    handle = route?.handle ?? createRefusal(subject, notBuilt);
    return handle(exchange);
  };
  return { id, open, handle: (exchange) => (handle ?? build)(exchange) };
}
