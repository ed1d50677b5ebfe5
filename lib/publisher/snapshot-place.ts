/** Where a proxy's snapshot is: bucket, object key and KMS key. */
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

/** The key of an object names its format: two of them stand side by side while two versions of the code run. */
const format = 'v1';

/** How a {@link SnapshotPlace} is built. */
export interface SnapshotPlaceProps {
  readonly parameterPath: string;
  /** @default - one is created */
  readonly bucket?: IBucket | Bucket | undefined;
  /** @default - one is created */
  readonly encryptionKey?: IKey | undefined;
}

/** The bucket and the KMS key of a snapshot, given or created, and who may write to the one. */
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
   * Keeps everybody but `publisher` from writing the snapshot, whatever their own policies allow. A bucket whose policy is
   * not this stack's to write gets a warning instead.
   */
  protectFor(publisher: IRole): void {
    // A policy in another stack would name this stack's role, while this stack names the other one's bucket.
    const isOwn = Stack.of(this.bucket) === Stack.of(this);
    const added = isOwn && this.#addDenials(publisher);
    if (added) return;
    Annotations.of(this).addWarningV2(
      'countersign:snapshot-bucket-policy',
      `The policy of the bucket is not written by this stack: let it deny s3:PutObject and s3:DeleteObject on ${this.objectKey} to everybody but the publisher (docs/construct.md).`,
    );
  }

  #addDenials(publisher: IRole): boolean {
    const resources = [this.bucket.arnForObjects(this.objectKey)];
    const everyone = { effect: Effect.DENY, principals: [new AnyPrincipal()], resources };
    const put = new PolicyStatement({
      ...everyone,
      sid: 'OnlyThePublisherWrites',
      actions: ['s3:PutObject'],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': publisher.roleArn } },
    });
    const emptier = findEmptier(this.bucket);
    const remove = new PolicyStatement({
      ...everyone,
      sid: 'NobodyDeletes',
      // An older version that comes back would be a roll back of every route.
      actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
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
      // All of it can be made again from Parameter Store.
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
  // Names that begin with a dot are refused by the runtime: `..` in an address would be another one.
  if (!Token.isUnresolved(parameterPath) && parameterPath.includes('/.')) {
    throw new Error(
      `parameterPath ${JSON.stringify(parameterPath)} has a segment that begins with a dot; a snapshot has no such key. Give another path, or snapshot: false.`,
    );
  }
  return `${format}${parameterPath}`;
}

/** ARN of the role that CDK empties a bucket with, when its stack is deleted. */
function findEmptier(bucket: IBucket): string | undefined {
  if (!bucket.node.tryFindChild('AutoDeleteObjectsCustomResource')) return undefined;
  const id = 'Custom::S3AutoDeleteObjectsCustomResourceProvider';
  const provider = Stack.of(bucket).node.tryFindChild(id);
  if (provider instanceof CustomResourceProviderBase) return provider.roleArn;
  throw new Error(`${bucket.node.path} empties itself by a role that is not at ${id}.`);
}
