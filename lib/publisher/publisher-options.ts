import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** What of the snapshot and its {@link Publisher} can be chosen. */
export interface SnapshotOptions {
  /**
   * Bucket that holds the snapshot, as `v1/<parameterPath>`; several proxies can share it. What a stack creates is
   * private, versioned and emptied with the stack; a bucket of yours keeps its settings, and the object.
   * @default - a bucket for this proxy alone
   */
  readonly bucket?: IBucket | Bucket;

  /**
   * KMS key that the snapshot is encrypted under.
   * @default - the proxy's `encryptionKey`, else a key for this proxy alone, with rotation
   */
  readonly encryptionKey?: IKey;

  /**
   * Gets a message when a change is refused, deletes something, opens a route or is in a place that nothing reads.
   * @default - nobody is told; log and metrics have it all
   */
  readonly topic?: ITopic;

  /**
   * How often the whole tree is compared with the snapshot, because events are delivered at best effort. Whole minutes, 5
   * to 1440.
   * @default Duration.minutes(15)
   */
  readonly reconcileEvery?: Duration;

  /**
   * Memory of the publisher in MB: 10,000 routes are compiled and compressed in it.
   * @default 1769
   */
  readonly memorySize?: number;

  /**
   * How long the publisher's log lines are kept.
   * @default - as long as the proxy's
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of the publisher's log group when the stack is deleted.
   * @default - the same as of the proxy's
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * Folder whose bytes are deployed, with `index.mjs` and `on-deploy.mjs` in it.
   * @default - `dist/publisher` of this package, written by `npm run build`
   */
  readonly codePath?: string;
}
