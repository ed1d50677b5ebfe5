/** The shared objects that a document of a snapshot names. Loaded only for documents that name any. */
import { parseJson } from '../../documents/json.ts';
import { parseKind, type SharedKind } from '../kind.ts';
import { toBarrierObject } from '../shared/barrier.ts';
import { parseShared } from '../shared/parse-shared.ts';
import {
  createSharedSource,
  parseSharedKey,
  type SharedObject,
  type SharedSource,
  toSharedKey,
} from '../shared/shared-object.ts';
import { toUnavailableObject } from '../unavailable.ts';
import type { DocumentRecord } from './format.ts';

/** @returns the record of a parameter's document; undefined where it has none in force */
export type FindRecord = (parameter: string) => DocumentRecord | undefined;

/** What a document of a snapshot has around it. */
export interface Surroundings {
  /** Finds the records of documents that it names. */
  readonly find: FindRecord;
  /** With global rules, the table decides which routes are open. */
  readonly hasGlobalRules: boolean;
}

/** The objects that a document names, and the records that they are in: these have the values of their secrets. */
export interface LinkedObjects {
  readonly shared: SharedSource;
  readonly records: readonly DocumentRecord[];
}

/** @throws DocumentError for an object that this code does not understand, though the publisher accepted it */
export async function readLinkedObjects(
  { links = {} }: DocumentRecord,
  root: string,
  find: FindRecord,
): Promise<LinkedObjects> {
  const parameters = new Set(Object.values(links).flatMap((parameter) => parameter ?? []));
  const records = [...parameters].sort().flatMap((parameter) => find(parameter) ?? []);
  const objects: SharedObject[] = [];
  for (const record of records) objects.push(...(await toSharedObjects(record, root)));
  const shared = createSharedSource(objects);
  return { shared, records };
}

/** @returns the objects of a record, available or not as the publisher has found them */
export async function toSharedObjects(
  { parameter, text, version, objects = [] }: DocumentRecord,
  root: string,
): Promise<readonly SharedObject[]> {
  // Nothing is known of a global rule but that it has to be there.
  if (version === 0) {
    return objects.map(({ key, reason = 'unknown' }) =>
      toBarrierObject(parameter, parseSharedKey(key).id, reason),
    );
  }
  const kind = parseKind(parameter, root) as SharedKind;
  const parsed = parseShared(await parseJson(text), { kind, parameter });
  return parsed.map((object) => {
    const record = objects.find(({ key }) => key === toSharedKey(object));
    return record?.isAvailable ? object : toUnavailableObject(object, record?.reason ?? 'unknown');
  });
}
