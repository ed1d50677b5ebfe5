import { createServer } from 'node:http';
import type { Fault } from '../faults.ts';
import { type Listening, type ListenOptions, listen } from '../http-server.ts';
import type { SigV4Verifier } from '../sigv4/verifier.ts';
import type { Bucket } from './call.ts';
import { toKeptHeaders } from './headers.ts';
import { createObjects, type ObjectVersion, type Version } from './objects.ts';
import { findBucket, type ObjectStoreCall, type Store, serve } from './serve.ts';

/** How a bucket behaves. */
export interface BucketOptions {
  /** Whether the caller has `s3:ListBucket`. Without it a missing object is 403 AccessDenied. @default true */
  readonly mayList?: boolean;
  /** @default true */
  readonly isVersioned?: boolean;
}

/** An object store on this machine. */
export interface ObjectStoreOptions extends ListenOptions {
  /** Buckets by name. Other buckets do not exist. */
  readonly buckets: Readonly<Record<string, BucketOptions>>;
  /**
   * Verifies the callers' signatures (service `s3`).
   * @default signatures are not verified
   */
  readonly verifier?: SigV4Verifier;
  /** Versions of a key that are kept, the current one included. @default 20 */
  readonly keptVersions?: number;
  /** @default the system's clock */
  readonly now?: () => Date;
}

/** Bytes, or bytes with headers (`content-type`, `x-amz-meta-*`, …). */
export type DirectContent =
  | string
  | Buffer
  | { readonly bytes: string | Buffer; readonly headers?: Readonly<Record<string, string>> };

/** An object store that listens. The functions throw for a bucket that does not exist. */
export interface ObjectStore extends Listening {
  /** Calls in the order of their answers. */
  readonly calls: ObjectStoreCall[];
  /** Faults of the next calls. A call without a valid signature removes no fault. */
  readonly faults: Fault[];
  /** Puts an object without HTTP, conditions and faults. */
  put(bucket: string, key: string, content: DirectContent): ObjectVersion;
  /** Deletes an object without HTTP. */
  remove(bucket: string, key: string): void;
  /** Deletes every version of an object without HTTP. */
  removeVersions(bucket: string, key: string): void;
  /** The current object. */
  get(bucket: string, key: string): ObjectVersion | undefined;
  /** The versions that are kept, newest first, delete markers included. */
  versions(bucket: string, key: string): readonly Version[];
}

/** Starts an endpoint for AWS_ENDPOINT_URL_S3, path style: `<url>/<bucket>/<key>`. */
export async function startObjectStore(options: ObjectStoreOptions): Promise<ObjectStore> {
  const buckets = new Map(
    Object.entries(options.buckets).map(([name, bucket]) => [
      name,
      openBucket(name, bucket, options),
    ]),
  );
  const store: Store = { verifier: options.verifier, buckets, calls: [], faults: [] };
  const server = createServer((request, response) => {
    serve(store, request, response).catch(() => response.destroy());
  });
  const listening = await listen(server, options);
  const objectsOf = (name: string) => findBucket(buckets, name).objects;
  return {
    ...listening,
    calls: store.calls,
    faults: store.faults,
    put(bucket, key, content) {
      const isBare = typeof content === 'string' || Buffer.isBuffer(content);
      const { bytes, headers = {} } = isBare ? { bytes: content } : content;
      const kept = toKeptHeaders(new Map(Object.entries(headers)));
      return objectsOf(bucket).put(key, { bytes: Buffer.from(bytes), headers: kept });
    },
    remove(bucket, key) {
      objectsOf(bucket).remove(key);
    },
    removeVersions(bucket, key) {
      const objects = objectsOf(bucket);
      for (const { versionId } of objects.versions(key)) objects.removeVersion(key, versionId);
    },
    get: (bucket, key) => objectsOf(bucket).current(key),
    versions: (bucket, key) => objectsOf(bucket).versions(key),
  };
}

function openBucket(name: string, bucket: BucketOptions, options: ObjectStoreOptions): Bucket {
  const { mayList = true, isVersioned = true } = bucket;
  const { keptVersions = 20, now = () => new Date() } = options;
  return { name, mayList, isVersioned, objects: createObjects({ isVersioned, keptVersions, now }) };
}
