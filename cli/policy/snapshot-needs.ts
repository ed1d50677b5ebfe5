/** What a proxy needs that reads a snapshot: its documents are read by its publisher, in another role. */
import { CliError } from '../terminal/cli-error.ts';
import type { Need } from './need.ts';

/** Where a proxy's snapshot is, and what it is encrypted with. */
export interface SnapshotFacts {
  readonly bucket: string;
  readonly key: string;
  /** ARN of the KMS key; undefined where it is not known. */
  readonly keyArn: string | undefined;
}

/**
 * Parses what `--snapshot` or `COUNTERSIGN_SNAPSHOT_URI` says.
 *
 * @throws CliError on anything but `s3://<bucket>/<key>`
 */
export function parseSnapshot(uri: string, keyArn: string | undefined): SnapshotFacts {
  const [, bucket, key] = /^s3:\/\/([a-z0-9.-]+)\/([\w./-]+)$/.exec(uri) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key, keyArn };
  throw new CliError('USAGE', `--snapshot: found ${uri}, expected s3://<bucket>/<key>.`, {
    hint: 'It is the output SnapshotUri of the deployment.',
  });
}

/** @param root of the documents: the encryption context of the snapshot's key names it */
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
    // Without it S3 answers 403 where there is no object.
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
