/** Shared objects of documents that are not judged now, as they are published. */

import type { SharedObject } from '../proxy/routes/shared/shared-object.ts';
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
  root: string,
): Promise<HeldObjects> {
  const judged = new Set(given.map(({ name }) => name));
  const held = [...records.values()].filter(
    ({ objects, parameter }) => objects && !judged.has(parameter),
  );
  const objects: SharedObject[] = [];
  for (const record of held) objects.push(...(await toSharedObjects(record, root)));
  const secrets = new Map(held.flatMap(({ secrets: own = {} }) => Object.entries(own)));
  return { objects, secrets };
}
