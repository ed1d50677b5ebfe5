import type { S3Operation } from './operations.ts';
import { S3Error } from './s3-error.ts';

/** The parts of a path-style request target. */
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

/** Parameters that do not select another operation. SDKs send `x-id`. */
const NEUTRAL = new Set(['x-id', 'versionId']);

/** Finds the operation; undefined if the store does not implement it, for example `?acl`. */
export function toOperation(method: string, { key, query }: Target): S3Operation | undefined {
  if (key === '') {
    return method === 'GET' && query.get('list-type') === '2' ? 'ListObjectsV2' : undefined;
  }
  return [...query.keys()].every((name) => NEUTRAL.has(name)) ? OF_OBJECT[method] : undefined;
}
