import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** The optional settings of the snapshot and its {@link Publisher}. */
export interface SnapshotOptions {
  /**
   * Bucket for the snapshot, which is the object `v1/<parameterPath>`. Several proxies can share a bucket. A created
   * bucket is private, versioned, and emptied and deleted with the stack. Your own bucket keeps its settings and the
   * object.
   * @default - a new bucket for this proxy alone
   */
  readonly bucket?: IBucket | Bucket | undefined;

  /**
   * KMS key that encrypts the snapshot.
   * @default - the proxy's `encryptionKey`, else a new key for this proxy alone, with rotation
   */
  readonly encryptionKey?: IKey | undefined;

  /**
   * Gets a message when a change is refused, deletes something, opens a route, or is outside the paths that the
   * publisher reads.
   * @default - no messages are sent; log and metrics contain all findings
   */
  readonly topic?: ITopic | undefined;

  /**
   * How often the publisher compares the whole tree with the snapshot, because EventBridge may lose events. Whole
   * minutes, 5 to 1440.
   * @default Duration.minutes(15)
   */
  readonly reconcileEvery?: Duration | undefined;

  /**
   * Memory of the publisher in MB. The default is enough to compile and compress 10,000 routes.
   * @default 1769
   */
  readonly memorySize?: number | undefined;

  /**
   * How long the publisher's log lines are kept.
   * @default - as long as the proxy's
   */
  readonly logRetention?: RetentionDays | undefined;

  /**
   * Whether the publisher's log group is deleted with the stack.
   * @default - the same as the proxy's
   */
  readonly logRemovalPolicy?: RemovalPolicy | undefined;

  /**
   * Folder that is deployed. It contains `index.mjs` and `on-deploy.mjs`.
   * @default - `dist/publisher` of this package, written by `npm run build`
   */
  readonly codePath?: string | undefined;
}
