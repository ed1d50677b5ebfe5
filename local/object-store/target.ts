import type { S3Operation } from './operations.ts';
import { S3Error } from './s3-error.ts';

/** What a path-style request line names. */
export interface Target {
  readonly bucket: string;
  /** Decoded; empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
}

/** Splits `/<bucket>/<key…>?<query>`; throws for a key that is not UTF-8. */
export function parseTarget(url: string): Target {
  const [path = '', ...query] = url.split('?');
  const [, bucket = '', ...key] = path.split('/');
  try {
    return {
      bucket: decodeURIComponent(bucket),
      key: decodeURIComponent(key.join('/')),
      query: new URLSearchParams(query.join('?')),
    };
  } catch (error) {
    throw Object.assign(new S3Error('InvalidURI', { elements: { URI: path } }), { cause: error });
  }
}

const OF_OBJECT: Readonly<Record<string, S3Operation>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

/** Parameters that do not make another operation of a call: SDKs send `x-id`. */
const NEUTRAL = new Set(['x-id', 'versionId']);

/** The operation that is meant; undefined for one that the store does not know, for example `?acl`. */
export function toOperation(method: string, { key, query }: Target): S3Operation | undefined {
  if (key === '') {
    return method === 'GET' && query.get('list-type') === '2' ? 'ListObjectsV2' : undefined;
  }
  return [...query.keys()].every((name) => NEUTRAL.has(name)) ? OF_OBJECT[method] : undefined;
}
