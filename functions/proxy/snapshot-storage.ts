/** Part of the composition root: where the snapshot is stored, and the key that it is encrypted under. */
import type { Config, SnapshotSettings } from './config.ts';
import type { SnapshotKey } from './routes/snapshot/envelope.ts';
import { createKeyService } from './send/key-service.ts';
import type { ObjectReader, ObjectStoreOptions } from './send/object-store.ts';
import { toDnsSuffix } from './sign/partitions.ts';
import type { CredentialsProvider } from './sign/provider.ts';

/** The clients of S3 and KMS. */
export interface SnapshotStorage<T extends ObjectReader> {
  readonly store: T;
  /** Undefined where snapshots are not encrypted. */
  readonly key: SnapshotKey | undefined;
}

/** Whose clients they are. */
export interface SnapshotUser<T extends ObjectReader> {
  readonly credentials: CredentialsProvider;
  /** Creates the client of S3: the proxy's only reads. */
  readonly open: (options: ObjectStoreOptions) => T;
}

/** Creates the clients of the proxy and of the publisher. Nothing is called before the first reading. */
export function createSnapshotStorage<T extends ObjectReader>(
  { region }: Pick<Config, 'region'>,
  { address, s3Endpoint, keyId, kmsEndpoint }: SnapshotSettings,
  { credentials, open }: SnapshotUser<T>,
): SnapshotStorage<T> {
  const client = { region, credentials, now: () => Date.now() };
  const dnsSuffix = toDnsSuffix(region);
  return {
    store: open({ ...client, address, endpoint: s3Endpoint, dnsSuffix }),
    key:
      keyId === undefined
        ? undefined
        : { id: keyId, service: createKeyService({ ...client, endpoint: kmsEndpoint }) },
  };
}
