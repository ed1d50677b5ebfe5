/** The published snapshot as the publisher reads and replaces it. */
import type { Clock } from '../proxy/http/time.ts';
import type { Logger } from '../proxy/log/log.ts';
import {
  packSnapshot,
  type SnapshotKey,
  unpackSnapshot,
} from '../proxy/routes/snapshot/envelope.ts';
import { readSnapshot, SnapshotError } from '../proxy/routes/snapshot/read.ts';
import { AwsServiceError } from '../proxy/send/aws-json.ts';
import type { ObjectStore, StoredObject } from '../proxy/send/object-store.ts';
import { emptyState, type PublishedState, toState } from './state.ts';
import type { WrittenSnapshot } from './write-snapshot.ts';

/** Where the snapshot is, and how it is encrypted. */
export interface SnapshotObjectOptions {
  readonly root: string;
  readonly store: ObjectStore;
  readonly key: SnapshotKey | undefined;
  readonly now: Clock;
  readonly log: Logger;
}

/** The one object that all environments of the proxy read. */
export interface SnapshotObject {
  /** @throws AwsServiceError or ProxyError when S3 or KMS does not answer */
  read(): Promise<PublishedState>;
  /**
   * Replaces what was read.
   *
   * @param replacement.next what the snapshot was written from
   * @returns false when another publisher was faster
   * @throws AwsServiceError or ProxyError
   */
  replace(state: PublishedState, replacement: Replacement): Promise<boolean>;
}

/** What takes the place of a snapshot. */
export interface Replacement {
  readonly next: PublishedState;
  readonly snapshot: WrittenSnapshot;
}

/** Creates the client of the object. It keeps what it read last. */
export function createSnapshotObject(options: SnapshotObjectOptions): SnapshotObject {
  const { root, store, key, now, log } = options;
  let known: PublishedState | undefined;
  const parse = async ({ bytes, etag }: StoredObject): Promise<PublishedState> => {
    try {
      const unpacked = await unpackSnapshot(bytes, { root, key });
      return toState(await readSnapshot(unpacked, root), etag);
    } catch (error) {
      if (!(error instanceof SnapshotError) && !isOfAnotherKey(error)) throw error;
      log.error('what is published is no snapshot; it is made anew from Parameter Store', {
        event: 'snapshot-damaged',
        error,
      });
      return { ...emptyState, etag };
    }
  };
  return {
    async read() {
      const found = await store.read(known?.etag);
      if (found === 'missing') known = emptyState;
      else if (found !== 'same') known = await parse(found);
      return known ?? emptyState;
    },
    async replace(state, { next, snapshot }) {
      // By the clock, so that the sequence goes on growing after the object was deleted; by that of S3, which all publishers
      // have. It is exact to the second, and one may have published in this second.
      const serverTimeMs = store.serverTimeMs?.();
      const timeMs = serverTimeMs === undefined ? now() : serverTimeMs + 1000;
      const sequence = Math.max(state.sequence + 1, timeMs);
      const bytes = snapshot.finish({ sequence, time: new Date(now()).toISOString() });
      const stored = await packSnapshot(bytes, { root, sequence }, key);
      const etag = await store.write(stored, state.etag);
      if (etag === 'lost') return false;
      known = { ...next, etag, sequence, contentDigest: snapshot.digest };
      return true;
    },
  };
}

/**
 * KMS says that the key of the object is not one of the configured key: that was exchanged, and nothing opens the object any
 * more; or that it is no key at all.
 */
function isOfAnotherKey(error: unknown): boolean {
  const types = ['IncorrectKeyException', 'InvalidCiphertextException'];
  return error instanceof AwsServiceError && types.includes(error.type);
}
