import type { Objects } from './objects.ts';

/** A bucket, with the permissions of the caller. */
export interface Bucket {
  readonly name: string;
  readonly objects: Objects;
  readonly isVersioned: boolean;
  /** Without `s3:ListBucket` a missing object is 403, as on S3. */
  readonly mayList: boolean;
}

/** A parsed call. */
export interface S3Call {
  readonly bucket: Bucket;
  /** The decoded key; empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Headers with lower-case names; repeated headers are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** {@link Objects.changes} of the key when the call's head arrived, before its body. */
  readonly changesAtStart: number;
}
