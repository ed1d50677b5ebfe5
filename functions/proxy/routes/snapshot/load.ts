/** Reads the snapshot from S3: one conditional GET a refresh for any number of routes. */
import { type Background, nextTurn, type Turn } from '../../http/background.ts';
import { ProxyError } from '../../http/errors.ts';
import type { Clock } from '../../http/time.ts';
import type { ObjectReader } from '../../send/object-store.ts';
import { retryAfterThaw } from '../../send/thaw.ts';
import type { CompiledDocuments } from './compiled-documents.ts';
import type { KeptConditions } from './conditions.ts';
import { type SnapshotKey, unpackSnapshot } from './envelope.ts';
import { readSnapshot, type Snapshot, SnapshotError } from './read.ts';
import { type KeptConsumers, type SnapshotTable, toSnapshotTable } from './snapshot-table.ts';

/** Where the snapshot is, and what its documents are compiled with. */
export interface SnapshotLoaderOptions {
  /** Root path of the documents, without trailing slash. */
  readonly root: string;
  readonly store: ObjectReader;
  /** `s3://<bucket>/<key>`, for messages. */
  readonly uri: string;
  /** Undefined where snapshots are not encrypted. */
  readonly key: SnapshotKey | undefined;
  readonly documents: CompiledDocuments;
  readonly hasOriginSecret: boolean;
  /** Open routes answer 503. @default false */
  readonly requireAccessPlugin?: boolean;
  readonly now: Clock;
  /** Makes a refresh wait for requests. @default it waits for none */
  readonly background?: Pick<Background, 'begin'>;
  /** Decrypts, decompresses and parses the stored bytes. @default {@link parseStored} */
  readonly unpack?: (bytes: Buffer, turn: Turn) => Promise<Snapshot>;
}

/** Documents of a small table are compiled at INIT: the CPU is free, and connections can be made ahead of requests. */
const maxCompiledAhead = 16;

/**
 * @returns a function that reads once. It throws SnapshotError for an object that may not be served from; AwsServiceError
 * and ProxyError when S3 or KMS do not answer; ProxyError `ROUTES_UNAVAILABLE` when there is no snapshot
 */
export function createSnapshotLoader(options: SnapshotLoaderOptions) {
  const { store, uri, documents, now, background } = options;
  const { unpack = (bytes, turn) => parseStored(bytes, options, turn) } = options;
  const conditions: KeptConditions = new Map();
  const consumers: KeptConsumers = new WeakMap();
  let etag: string | undefined;
  const take = async (bytes: Buffer, previous: SnapshotTable | undefined, turn: Turn) => {
    const snapshot = await unpack(bytes, turn);
    refuseOlder(snapshot, previous);
    if (previous) await documents.renew(snapshot, turn);
    else await compileAhead(snapshot, documents);
    return toSnapshotTable(snapshot, { ...options, conditions, consumers }, turn);
  };
  return async (previous: SnapshotTable | undefined): Promise<SnapshotTable> => {
    // Requests wait for the first table, so its reading waits for none of them.
    const turn = previous && background?.begin();
    // The request that this refresh begins with is sent first.
    if (turn) await turn();
    const found = await retryAfterThaw(() => store.read(previous && etag, turn), now);
    if (found === 'same' && previous) return previous;
    if (found === 'same' || found === 'missing') {
      throw new ProxyError('ROUTES_UNAVAILABLE', `no snapshot has been published yet: ${uri}`);
    }
    const table = await take(found.bytes, previous, turn ?? nextTurn);
    etag = found.etag;
    return table;
  };
}

/** Decrypts, decompresses and verifies a stored snapshot. */
async function parseStored(
  bytes: Buffer,
  { root, key }: SnapshotLoaderOptions,
  turn: Turn,
): Promise<Snapshot> {
  return readSnapshot(await unpackSnapshot(bytes, { root, key }, turn), root, turn);
}

function refuseOlder({ header }: Snapshot, previous: SnapshotTable | undefined): void {
  if (!previous || header.sequence >= previous.sequence) return;
  throw new SnapshotError(
    `the snapshot has sequence ${header.sequence}, and ${previous.sequence} is in force already`,
  );
}

async function compileAhead(snapshot: Snapshot, documents: CompiledDocuments): Promise<void> {
  const count = snapshot.header.summary.documents;
  if (count > maxCompiledAhead) return;
  for (let place = 0; place < count; place += 1) await documents.get(snapshot, place);
}
