import { listObjects } from './list-operation.ts';
import { getObject } from './read-operations.ts';
import { deleteObject, putObject } from './write-operations.ts';

/** The operations of S3 that the store implements. */
export const OPERATIONS = {
  GetObject: getObject,
  HeadObject: getObject,
  PutObject: putObject,
  DeleteObject: deleteObject,
  ListObjectsV2: listObjects,
} as const;

/** The name of one of {@link OPERATIONS}. */
export type S3Operation = keyof typeof OPERATIONS;
