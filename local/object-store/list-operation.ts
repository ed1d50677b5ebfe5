import type { WholeAnswer } from '../faults.ts';
import type { S3Call } from './call.ts';
import { S3Error, toXml } from './s3-error.ts';

const NAMESPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const MAX_KEYS = 1000;

/** ListObjectsV2 with `prefix`, `max-keys`, `start-after` and `continuation-token`; without delimiters. */
export function listObjects({ bucket, query }: S3Call): WholeAnswer {
  if (!bucket.mayList) {
    throw new S3Error('AccessDenied');
  }
  const prefix = query.get('prefix') ?? '';
  const after = readStart(query);
  const size = readMaxKeys(query);
  const keys = bucket.objects
    .keys()
    .filter((key) => key.startsWith(prefix) && (after === undefined || isBehind(key, after)));
  const page = keys.slice(0, size);
  const isTruncated = keys.length > page.length;
  const last = page.at(-1);
  const body = toXml(
    'ListBucketResult',
    {
      Name: bucket.name,
      Prefix: prefix,
      KeyCount: String(page.length),
      MaxKeys: String(size),
      IsTruncated: String(isTruncated),
      ...(isTruncated && last !== undefined ? { NextContinuationToken: toToken(last) } : {}),
      Contents: page.map((key) => toEntry(key, bucket.objects.current(key))),
    },
    NAMESPACE,
  );
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
}

function toEntry(key: string, object: ReturnType<S3Call['bucket']['objects']['current']>) {
  return {
    Key: key,
    LastModified: object?.modified.toISOString() ?? '',
    ETag: object?.etag ?? '',
    Size: String(object?.bytes.length ?? 0),
    StorageClass: 'STANDARD',
  };
}

function readStart(query: URLSearchParams): string | undefined {
  const token = query.get('continuation-token');
  if (token !== null) {
    return Buffer.from(token, 'base64url').toString('utf8');
  }
  return query.get('start-after') ?? undefined;
}

function readMaxKeys(query: URLSearchParams): number {
  const text = query.get('max-keys') ?? String(MAX_KEYS);
  if (!/^\d{1,9}$/.test(text)) {
    throw new S3Error('InvalidArgument', {
      message: 'Provided max-keys not an integer or within integer range',
      elements: { ArgumentName: 'max-keys', ArgumentValue: text },
    });
  }
  return Math.min(Number(text), MAX_KEYS);
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function isBehind(key: string, after: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
}
