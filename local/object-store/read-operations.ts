import type { WholeAnswer } from '../faults.ts';
import type { S3Call } from './call.ts';
import { isMatch, toHeaders } from './headers.ts';
import type { ObjectVersion, Version } from './objects.ts';
import { S3Error } from './s3-error.ts';

/** GetObject and HeadObject, whose answer is sent without its body. */
export function getObject(call: S3Call): WholeAnswer {
  const object = findObject(call);
  const headers = toHeaders(call.bucket, object);
  const ifMatch = call.headers.get('if-match');
  if (ifMatch !== undefined && !isMatch(ifMatch, object.etag)) {
    throw new S3Error('PreconditionFailed', { elements: { Condition: 'If-Match' } });
  }
  const ifNoneMatch = call.headers.get('if-none-match');
  if (ifNoneMatch !== undefined && isMatch(ifNoneMatch, object.etag)) {
    const { etag, 'last-modified': modified = '' } = headers;
    return {
      status: 304,
      headers: { etag: etag ?? '', 'last-modified': modified },
      body: Buffer.alloc(0),
    };
  }
  return {
    status: 200,
    headers: { ...object.headers, ...headers, 'accept-ranges': 'bytes' },
    body: object.bytes,
  };
}

function findObject({ bucket, key, query }: S3Call): ObjectVersion {
  const versionId = query.get('versionId');
  const versions = bucket.objects.versions(key);
  const version =
    versionId === null ? versions[0] : versions.find((kept) => kept.versionId === versionId);
  if (version?.kind === 'object') {
    return version;
  }
  if (!bucket.mayList) {
    throw new S3Error('AccessDenied');
  }
  throw toMissing({ key, version, versionId });
}

interface Missing {
  readonly key: string;
  readonly version: Version | undefined;
  readonly versionId: string | null;
}

function toMissing({ key, version, versionId }: Missing): S3Error {
  const headers: Record<string, string> =
    version === undefined
      ? {}
      : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
  if (versionId === null) {
    return new S3Error('NoSuchKey', { elements: { Key: key }, headers });
  }
  return version === undefined
    ? new S3Error('NoSuchVersion', { elements: { Key: key, VersionId: versionId } })
    : new S3Error('MethodNotAllowed', { headers });
}
