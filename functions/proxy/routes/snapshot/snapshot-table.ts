/** A snapshot → the table that requests are routed with. */
import type { Consumer, Exchange } from '../../chain/exchange.ts';
import type { Turn } from '../../http/background.ts';
import { ProxyError } from '../../http/errors.ts';
import type { ProxyResponse } from '../../http/message.ts';
import { parseOriginKeys } from '../../http/origin.ts';
import type { CompiledDocument } from '../compile.ts';
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
  readonly consumers: KeptConsumers;
  /** Open routes answer 503. @default false */
  readonly requireAccessPlugin?: boolean;
}

/** The publisher has said that no route has a condition. */
const refuseToAsk = () => {
  throw new ProxyError('ROUTES_UNAVAILABLE', 'a condition in a snapshot without conditions');
};

/** Consumers by the documents that they are of: those of a document that stays the same stay the same. */
export type KeptConsumers = WeakMap<CompiledDocument, readonly Consumer[]>;

/** How many documents of consumers are looked up at a stretch. */
const readAtOnce = 100;

/**
 * Consumers are compiled at once, because the next request may name any of them; routes are compiled when they match.
 *
 * @param turn awaited between slices of the work
 */
export async function toSnapshotTable(
  snapshot: Snapshot,
  { requireAccessPlugin = false, ...options }: SnapshotTableOptions,
  turn: Turn,
): Promise<SnapshotTable> {
  const { header, index } = snapshot;
  const { documents, hasOriginSecret, conditions } = options;
  const consumers = await readAllConsumers(snapshot, options, turn);
  const routes = new Map<number, SnapshotRoute>();
  const routeAt = (place: number): SnapshotRoute => {
    const known = routes.get(place);
    if (known) return known;
    const route = toServedRoute(snapshot, place, documents);
    routes.set(place, route);
    return route;
  };
  const ask = header.hasConditions
    ? (await import('./conditions.ts')).createAsk(snapshot, conditions)
    : refuseToAsk;
  const matcher = searchIn({ index, routeAt, ask });
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

async function readAllConsumers(
  snapshot: Snapshot,
  { documents, consumers: kept }: SnapshotTableOptions,
  turn: Turn,
): Promise<readonly Consumer[]> {
  const all: Consumer[] = [];
  for (const [index, place] of snapshot.header.consumers.entries()) {
    if (index % readAtOnce === readAtOnce - 1) await turn();
    const compiled = await documents.get(snapshot, place);
    const known = compiled && kept.get(compiled);
    const consumers = known ?? readConsumers(snapshot, place, compiled);
    if (compiled) kept.set(compiled, consumers);
    all.push(...consumers);
  }
  return all;
}

function readConsumers(
  snapshot: Snapshot,
  place: number,
  compiled: CompiledDocument | undefined,
): readonly Consumer[] {
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
