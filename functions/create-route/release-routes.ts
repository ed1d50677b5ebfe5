/** Removes owner tags, and deletes routes that have no other owner and were never edited. */

import { type EachOptions, forEachRoute } from './each-route.ts';
import { findOwnerTags, ownerTagOfVersion01, toPhysicalIdOfVersion01 } from './owner-tag.ts';
import type { RouteParameters, StoredRoute } from './parameters.ts';
import { isDenied } from './patience.ts';

export interface ReleaseOptions extends EachOptions {
  /** Key of the owner tag. */
  readonly ownerTag: string;
}

/**
 * Releases all routes. Leaves routes that the role may not change.
 * @throws Error at the end that names the failed routes, with the reasons
 */
export async function releaseRoutes(
  parameters: RouteParameters,
  names: readonly string[],
  options: ReleaseOptions,
): Promise<void> {
  await forEachRoute(parameters, names, {
    ...options,
    act: async (name, stored) => {
      options.log(await release(parameters, { name, stored }, options.ownerTag), name);
    },
    // The stack has another parameter path now, and its role may not change routes below the old one.
    isLeft: isDenied,
  });
}

/** The same for the one parameter of a resource of 0.1. `id` is its physical id. */
export async function releaseRouteOfVersion01(
  parameters: RouteParameters,
  name: string,
  { id, ...options }: EachOptions & { readonly id: string },
): Promise<void> {
  const ownerTag = ownerTagOfVersion01.Key;
  await forEachRoute(parameters, [name], {
    ...options,
    act: async (_, stored) => {
      const isFirst = stored !== undefined && toPhysicalIdOfVersion01(name, stored.value) === id;
      const hasNoOwner = findOwnerTags(await parameters.readTags(name)).length === 0;
      if (isFirst && hasNoOwner) options.log(await deleteUnedited(parameters, name), name);
      else options.log(await release(parameters, { name, stored }, ownerTag), name);
    },
    isLeft: isDenied,
  });
}

interface Found {
  readonly name: string;
  readonly stored: StoredRoute | undefined;
}

/** @returns what was done */
async function release(
  parameters: RouteParameters,
  { name, stored }: Found,
  ownerTag: string,
): Promise<string> {
  if (stored === undefined) return 'gone already';
  if (stored.version > 1) return 'left: it was edited';
  const ownerTags = findOwnerTags(await parameters.readTags(name));
  if (!ownerTags.includes(ownerTag)) return 'left: this resource does not own it';
  if (ownerTags.length === 1) return deleteUnedited(parameters, name);
  await parameters.removeTag(name, ownerTag);
  return 'left: another resource owns it';
}

/** Parameter Store cannot delete on the condition of a version, so the version is read once more just before. */
async function deleteUnedited(parameters: RouteParameters, name: string): Promise<string> {
  const version = (await parameters.read([name])).get(name)?.version;
  if (version !== 1) return version === undefined ? 'gone already' : 'left: it was edited';
  await parameters.delete(name);
  return 'deleted';
}
