import { createHash, randomBytes } from 'node:crypto';

/** A version of an object: its bytes and their metadata. */
export interface ObjectVersion {
  readonly kind: 'object';
  readonly versionId: string;
  readonly bytes: Buffer;
  /** The MD5 of the bytes in quotes, as on S3 for an object that was uploaded at once and is not under a KMS key. */
  readonly etag: string;
  readonly modified: Date;
  /**
   * `content-type`, `x-amz-meta-*`, `x-amz-server-side-encryption*` and similar headers, which answers repeat as they
   * were put.
   */
  readonly headers: Readonly<Record<string, string>>;
}

/** The mark of a deletion in a versioned bucket. */
export interface DeleteMarker {
  readonly kind: 'marker';
  readonly versionId: string;
  readonly modified: Date;
}

/** One version of a key. */
export type Version = ObjectVersion | DeleteMarker;

/** The objects of one bucket. Each change is atomic. */
export interface Objects {
  /** The current object; undefined when there is none or it was deleted. */
  current(key: string): ObjectVersion | undefined;
  /** Newest first, delete markers included. */
  versions(key: string): readonly Version[];
  /** A count of the key's changes. Two equal numbers mean that nothing has changed in between. */
  changes(key: string): number;
  put(key: string, content: NewObject): ObjectVersion;
  /** The delete marker; undefined without versioning. */
  remove(key: string): DeleteMarker | undefined;
  /** Removes one version permanently. */
  removeVersion(key: string, versionId: string): void;
  /** Keys of current objects in order of their UTF-8 bytes, as ListObjectsV2 has them. */
  keys(): readonly string[];
}

/** The bytes and headers of a new object. */
export interface NewObject {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a bucket keeps its objects. */
export interface ObjectsOptions {
  readonly isVersioned: boolean;
  /** Older versions of a key are dropped. */
  readonly keptVersions: number;
  readonly now: () => Date;
}

/** Creates an empty bucket. */
export function createObjects({ isVersioned, keptVersions, now }: ObjectsOptions): Objects {
  const stored = new Map<string, readonly Version[]>();
  const counts = new Map<string, number>();
  const versions = (key: string) => stored.get(key) ?? [];
  const store = (key: string, next: readonly Version[]) => {
    stored.set(key, next.slice(0, isVersioned ? keptVersions : 1));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  const add = <V extends Version>(key: string, version: V): V => {
    store(key, [version, ...versions(key)]);
    return version;
  };
  const current = (key: string) => {
    const newest = versions(key)[0];
    return newest?.kind === 'object' ? newest : undefined;
  };
  const toVersionId = () => (isVersioned ? randomBytes(24).toString('base64url') : 'null');
  return {
    current,
    versions,
    changes: (key) => counts.get(key) ?? 0,
    put: (key, { bytes, headers }) =>
      add(key, {
        kind: 'object',
        versionId: toVersionId(),
        bytes,
        etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
        modified: now(),
        headers,
      }),
    remove(key) {
      if (isVersioned) {
        return add(key, { kind: 'marker', versionId: toVersionId(), modified: now() });
      }
      store(key, []);
      return undefined;
    },
    removeVersion(key, versionId) {
      store(
        key,
        versions(key).filter((version) => version.versionId !== versionId),
      );
    },
    keys: () =>
      [...stored.keys()]
        .filter((key) => current(key) !== undefined)
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  };
}
