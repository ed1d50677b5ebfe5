/** Shared objects of documents that are not judged now, as they are published. */

import type { SharedObject } from '../proxy/routes/shared/shared-object.ts';
import {
  type CompileRecordOptions,
  compileRecord,
} from '../proxy/routes/snapshot/compile-record.ts';
import type { DocumentRecord } from '../proxy/routes/snapshot/format.ts';
import { toSharedObjects } from '../proxy/routes/snapshot/linked-objects.ts';
import type { PublishedState } from './state.ts';

/** Objects that the judged documents may name. */
export interface HeldObjects {
  readonly objects: readonly SharedObject[];
  /** Values of the secrets that they refer to, by absolute name. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** @param given documents that are judged now */
export async function readHeld(
  given: readonly { readonly name: string }[],
  { records }: PublishedState,
  options: CompileRecordOptions,
): Promise<HeldObjects> {
  const judged = new Set(given.map(({ name }) => name));
  const held = [...records.values()].filter(
    ({ objects, parameter }) => objects && !judged.has(parameter),
  );
  const objects: SharedObject[] = [];
  for (const record of held) objects.push(...(await readObjects(record, options)));
  const secrets = new Map(held.flatMap(({ secrets: own = {} }) => Object.entries(own)));
  return { objects, secrets };
}

/** The plugins of global rules decide which routes are open; those of the others are made for each route. */
async function readObjects(
  record: DocumentRecord,
  options: CompileRecordOptions,
): Promise<readonly SharedObject[]> {
  const objects = await toSharedObjects(record, options.root);
  if (!objects.some(({ kind }) => kind === 'global_rule')) return objects;
  const compiled = await compileRecord(record, options);
  return objects.map((object) => {
    const own = compiled?.shared?.find(({ id }) => id === object.id);
    return own && object.isAvailable ? own : object;
  });
}
