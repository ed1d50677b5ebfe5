/** The needs of a proxy that reads a snapshot. Its publisher reads the documents, with another role. */
import { CliError } from '../terminal/cli-error.ts';
import type { Need } from './need.ts';

/** The location and the key of a proxy's snapshot. */
export interface SnapshotFacts {
  readonly bucket: string;
  readonly key: string;
  /** ARN of the KMS key; undefined if it is not known. */
  readonly keyArn: string | undefined;
}

/**
 * Parses the value of `--snapshot` or `COUNTERSIGN_SNAPSHOT_URI`.
 * @throws CliError for anything but `s3://<bucket>/<key>`
 */
export function parseSnapshot(uri: string, keyArn: string | undefined): SnapshotFacts {
  const [, bucket, key] = /^s3:\/\/([a-z0-9.-]+)\/([\w./-]+)$/.exec(uri) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key, keyArn };
  throw new CliError('USAGE', `--snapshot: found ${uri}, expected s3://<bucket>/<key>.`, {
    hint: 'It is the output SnapshotUri of the deployment.',
  });
}

/** @param root root of the documents, which the encryption context of the snapshot's key contains */
export function toSnapshotNeeds(
  { bucket, key, keyArn }: SnapshotFacts,
  { root, partition }: { readonly root: string; readonly partition: string },
): Need[] {
  const arn = `arn:${partition}:s3:::${bucket}`;
  const decrypt = {
    ...toNeed('kms:Decrypt', keyArn ?? ''),
    conditions: { StringEquals: { 'kms:EncryptionContext:countersign:root': root } },
  };
  return [
    toNeed('s3:GetObject', `${arn}/${key}`),
    // Without this permission S3 answers 403, not 404, if there is no object.
    {
      ...toNeed('s3:ListBucket', arn),
      conditions: { StringEqualsIfExists: { 's3:prefix': key } },
    },
    ...(keyArn === undefined ? [] : [decrypt]),
  ];
}

function toNeed(action: string, resource: string): Need {
  return { action, resources: [resource], conditions: {}, routes: [] };
}
