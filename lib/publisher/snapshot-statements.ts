/** Statements for the two roles that use a snapshot: the publisher writes it, and the proxy reads it. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { SnapshotPlace } from './snapshot-place.ts';

/** Allows one conditional GET for each refresh, and one `kms:Decrypt` for each new snapshot. */
export function toReaderStatements(place: SnapshotPlace, parameterPath: string): PolicyStatement[] {
  return toStatements(place, parameterPath, { s3: ['s3:GetObject'], kms: ['kms:Decrypt'] });
}

/**
 * Allows writing the snapshot, and reading the one that it replaces. S3 also requires the permission to read for a
 * write with `If-Match`.
 */
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
      // Without this permission S3 answers 403, not 404, if there is no object.
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      // GetObject has no documented `s3:prefix`. So the statement refuses a list with another prefix, and allows
      // requests without one.
      conditions: { StringEqualsIfExists: { 's3:prefix': objectKey } },
    }),
    new PolicyStatement({
      sid: 'UseSnapshotKey',
      actions: kms,
      resources: [encryptionKey.keyArn],
      // The key may encrypt other data. The encryption context of this proxy's data contains its path.
      conditions: { StringEquals: { 'kms:EncryptionContext:countersign:root': parameterPath } },
    }),
  ];
}
