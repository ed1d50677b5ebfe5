/** What the two roles may do with a proxy's snapshot: one writes it, the other reads it. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { SnapshotPlace } from './snapshot-place.ts';

/** One conditional GET a refresh, and one `kms:Decrypt` for what is new. */
export function toReaderStatements(place: SnapshotPlace, parameterPath: string): PolicyStatement[] {
  return toStatements(place, parameterPath, { s3: ['s3:GetObject'], kms: ['kms:Decrypt'] });
}

/** The publisher reads what it replaces; S3 wants that of whoever writes with `If-Match`, too. */
export function toWriterStatements(place: SnapshotPlace, parameterPath: string): PolicyStatement[] {
  return toStatements(place, parameterPath, {
    s3: ['s3:GetObject', 's3:PutObject'],
    kms: ['kms:Decrypt', 'kms:GenerateDataKey'],
  });
}

interface Actions {
  readonly s3: string[];
  readonly kms: string[];
}

function toStatements(
  { bucket, objectKey, encryptionKey }: SnapshotPlace,
  parameterPath: string,
  { s3, kms }: Actions,
): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'UseSnapshot',
      actions: s3,
      resources: [bucket.arnForObjects(objectKey)],
    }),
    new PolicyStatement({
      sid: 'TellMissingSnapshot',
      // Without it S3 answers 403 where there is no object.
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      // A GetObject has no prefix that AWS documents: a list with another prefix is refused, and its absence is not.
      conditions: { StringEqualsIfExists: { 's3:prefix': objectKey } },
    }),
    new PolicyStatement({
      sid: 'UseSnapshotKey',
      actions: kms,
      resources: [encryptionKey.keyArn],
      // The key may encrypt other things; what it encrypts for this proxy names the proxy.
      conditions: { StringEquals: { 'kms:EncryptionContext:countersign:root': parameterPath } },
    }),
  ];
}
