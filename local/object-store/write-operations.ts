import type { WholeAnswer } from '../faults.ts';
import type { S3Call } from './call.ts';
import { isEncryption, isMatch, toHeaders, toKeptHeaders } from './headers.ts';
import { S3Error } from './s3-error.ts';

const EMPTY = Buffer.alloc(0);

/** PutObject, conditional or not. */
export function putObject(call: S3Call): WholeAnswer {
  checkWriteConditions(call);
  const { bucket, key, body } = call;
  const object = bucket.objects.put(key, { bytes: body, headers: toKeptHeaders(call.headers) });
  const encryption = Object.entries(object.headers).filter(([name]) => isEncryption(name));
  const { etag = '', ...version } = toHeaders(bucket, object);
  const { 'last-modified': _, ...headers } = version;
  return {
    status: 200,
    headers: { ...Object.fromEntries(encryption), etag, ...headers },
    body: EMPTY,
  };
}

/** `If-Match` and `If-None-Match: *` of a PUT (S3 User Guide, "Conditional writes"). */
function checkWriteConditions(call: S3Call): void {
  const { headers } = call;
  const ifMatch = headers.get('if-match');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', { elements: { Header: 'If-None-Match' } });
  }
  if (ifMatch !== undefined) {
    checkIsThis(call, ifMatch);
  }
  if (ifNoneMatch !== undefined) {
    checkIsNew(call);
  }
}

function checkIsThis(call: S3Call, ifMatch: string): void {
  checkConflict(call, 'If-Match');
  const { bucket, key } = call;
  const current = bucket.objects.current(key);
  if (current === undefined) {
    throw new S3Error('NoSuchKey', { elements: { Key: key } });
  }
  if (!isMatch(ifMatch, current.etag)) {
    throw new S3Error('PreconditionFailed', { elements: { Condition: 'If-Match' } });
  }
}

function checkIsNew(call: S3Call): void {
  checkConflict(call, 'If-None-Match');
  const { bucket, key } = call;
  if (bucket.objects.current(key) !== undefined) {
    throw new S3Error('PreconditionFailed', { elements: { Condition: 'If-None-Match' } });
  }
}

/** If the key changed during the call, this is a conflict, even if the condition would hold now. */
function checkConflict({ bucket, key, changesAtStart }: S3Call, Condition: string): void {
  if (bucket.objects.changes(key) !== changesAtStart) {
    throw new S3Error('ConditionalRequestConflict', { elements: { Condition, Key: key } });
  }
}

/** DeleteObject: creates a delete marker, or deletes one version permanently. */
export function deleteObject({ bucket, key, query }: S3Call): WholeAnswer {
  const versionId = query.get('versionId');
  if (versionId !== null) {
    bucket.objects.removeVersion(key, versionId);
    return { status: 204, headers: { 'x-amz-version-id': versionId }, body: EMPTY };
  }
  const marker = bucket.objects.remove(key);
  const headers: Record<string, string> =
    marker === undefined
      ? {}
      : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId };
  return { status: 204, headers, body: EMPTY };
}
