import type { Bucket } from './call.ts';
import type { NewObject, ObjectVersion } from './objects.ts';

/** Whether one of the listed entity tags is this one. S3 also accepts them without quotes. */
export function isMatch(list: string, etag: string): boolean {
  const bare = etag.replaceAll('"', '');
  return list.split(',').some((entry) => {
    const tag = entry.trim().replace(/^W\//, '').replaceAll('"', '');
    return tag === '*' || tag === bare;
  });
}

/** The headers of every answer about an object. */
export function toHeaders(bucket: Bucket, object: ObjectVersion): Record<string, string> {
  return {
    etag: object.etag,
    'last-modified': object.modified.toUTCString(),
    ...(bucket.isVersioned ? { 'x-amz-version-id': object.versionId } : {}),
  };
}

const KEPT = /^(cache-control|content-(disposition|encoding|language|type)|expires|x-amz-meta-.+)$/;

/** Whether a header says how an object is encrypted. */
export function isEncryption(name: string): boolean {
  return name.startsWith('x-amz-server-side-encryption');
}

/** The headers that are stored with an object. S3 encrypts every object, by default with its own key. */
export function toKeptHeaders(headers: ReadonlyMap<string, string>): NewObject['headers'] {
  return {
    'content-type': 'binary/octet-stream',
    'x-amz-server-side-encryption': 'AES256',
    ...Object.fromEntries([...headers].filter(([name]) => KEPT.test(name) || isEncryption(name))),
  };
}
