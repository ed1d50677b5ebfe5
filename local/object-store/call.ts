import type { Objects } from './objects.ts';

/** A bucket, and what the caller may do in it. */
export interface Bucket {
  readonly name: string;
  readonly objects: Objects;
  readonly isVersioned: boolean;
  /** Without `s3:ListBucket` a missing object is 403, as on S3. */
  readonly mayList: boolean;
}

/** A call as it was understood. */
export interface S3Call {
  readonly bucket: Bucket;
  /** Decoded; empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Lower-case names; a header that came twice is joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** {@link Objects.changes} of the key when the call's head arrived, before its body. */
  readonly changesAtStart: number;
}
