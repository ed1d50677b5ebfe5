/** The location of a proxy's snapshot: bucket, object key and KMS key. */
import {
  Annotations,
  CustomResourceProviderBase,
  Duration,
  RemovalPolicy,
  Stack,
  Token,
} from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** The object key names the format, so that snapshots of two formats can exist while two versions of the code run. */
const format = 'v1';

/** Props of a {@link SnapshotPlace}. */
export interface SnapshotPlaceProps {
  readonly parameterPath: string;
  /** @default - one is created */
  readonly bucket?: IBucket | Bucket | undefined;
  /** @default - one is created */
  readonly encryptionKey?: IKey | undefined;
}

/** The bucket and the KMS key of a snapshot, given or created, and the bucket policy that protects the snapshot. */
export class SnapshotPlace extends Construct {
  readonly bucket: IBucket;
  readonly encryptionKey: IKey;
  readonly objectKey: string;
  /** `s3://<bucket>/<key>` */
  readonly uri: string;

  constructor(scope: Construct, id: string, props: SnapshotPlaceProps) {
    super(scope, id);
    this.objectKey = toObjectKey(props.parameterPath);
    this.bucket = (props.bucket ?? this.#createBucket()) as IBucket;
    this.encryptionKey = props.encryptionKey ?? this.#createKey(props.parameterPath);
    this.uri = `s3://${this.bucket.bucketName}/${this.objectKey}`;
  }

  /**
   * Denies everyone but `publisher` to write the snapshot, even if their own policies allow it. If this stack cannot
   * write the bucket's policy, it adds a warning instead.
   */
  protectFor(publisher: IRole): void {
    // With a bucket of another stack, the two stacks would depend on each other.
    const isOwn = Stack.of(this.bucket) === Stack.of(this);
    const added = isOwn && this.#addDenials(publisher);
    if (added) return;
    Annotations.of(this).addWarningV2(
      'countersign:snapshot-bucket-policy',
      `This stack does not write the policy of the bucket. Make the policy deny s3:PutObject, s3:ReplicateObject, s3:DeleteObject, s3:DeleteObjectVersion and s3:ReplicateDelete on ${this.objectKey} to everyone but the publisher (docs/construct.md).`,
    );
  }

  #addDenials(publisher: IRole): boolean {
    const resources = [this.bucket.arnForObjects(this.objectKey)];
    const everyone = { effect: Effect.DENY, principals: [new AnyPrincipal()], resources };
    // Several proxies may share the bucket, and each statement of a bucket's policy needs a Sid of its own.
    const own = this.node.addr.slice(-8);
    const put = new PolicyStatement({
      ...everyone,
      sid: `OnlyThePublisherWrites${own}`,
      // Replication from another bucket writes and deletes objects by actions of its own.
      actions: ['s3:PutObject', 's3:ReplicateObject'],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': publisher.roleArn } },
    });
    const emptier = findEmptier(this.bucket);
    const remove = new PolicyStatement({
      ...everyone,
      sid: `NobodyDeletes${own}`,
      // Deleting the newest version would restore an older one, and so roll back every route.
      actions: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:ReplicateDelete'],
      ...(emptier && { conditions: { ArnNotEquals: { 'aws:PrincipalArn': emptier } } }),
    });
    return [put, remove].every(
      (statement) => this.bucket.addToResourcePolicy(statement).statementAdded,
    );
  }

  #createBucket(): Bucket {
    return new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(7),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      // The snapshot can be made again from Parameter Store.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
  }

  #createKey(parameterPath: string): Key {
    return new Key(this, 'Key', {
      description: `Countersign snapshot of ${parameterPath}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(7),
    });
  }
}

function toObjectKey(parameterPath: string): string {
  // The function refuses segments that begin with a dot: `..` in a URL would change the object's path.
  if (!Token.isUnresolved(parameterPath) && parameterPath.includes('/.')) {
    throw new Error(
      `parameterPath ${JSON.stringify(parameterPath)} has a segment that begins with a dot, which the key of a snapshot may not have. Use another path, or snapshot: false.`,
    );
  }
  return `${format}${parameterPath}`;
}

/** Finds the ARN of the role with which CDK empties a bucket when its stack is deleted. */
function findEmptier(bucket: IBucket): string | undefined {
  if (!bucket.node.tryFindChild('AutoDeleteObjectsCustomResource')) return undefined;
  const id = 'Custom::S3AutoDeleteObjectsCustomResourceProvider';
  const provider = Stack.of(bucket).node.tryFindChild(id);
  if (provider instanceof CustomResourceProviderBase) return provider.roleArn;
  throw new Error(`${bucket.node.path} empties itself, but its role is not at ${id}.`);
}
