/** Part of the composition root: where the snapshot is stored, and the key that it is encrypted under. */
import type { Config, SnapshotSettings } from './config.ts';
import type { SnapshotKey } from './routes/snapshot/envelope.ts';
import { createKeyService } from './send/key-service.ts';
import { createObjectStore, type ObjectStore } from './send/object-store.ts';
import { toDnsSuffix } from './sign/partitions.ts';
import type { CredentialsProvider } from './sign/provider.ts';

/** The clients of S3 and KMS. */
export interface SnapshotStorage {
  readonly store: ObjectStore;
  /** Undefined where snapshots are not encrypted. */
  readonly key: SnapshotKey | undefined;
}

/** Creates the clients of the proxy and of the publisher. Nothing is called before the first reading. */
export function createSnapshotStorage(
  { region }: Pick<Config, 'region'>,
  { address, s3Endpoint, keyId, kmsEndpoint }: SnapshotSettings,
  credentials: CredentialsProvider,
): SnapshotStorage {
  const client = { region, credentials, now: () => Date.now() };
  const dnsSuffix = toDnsSuffix(region);
  return {
    store: createObjectStore({ ...client, address, endpoint: s3Endpoint, dnsSuffix }),
    key:
      keyId === undefined
        ? undefined
        : { id: keyId, service: createKeyService({ ...client, endpoint: kmsEndpoint }) },
  };
}
