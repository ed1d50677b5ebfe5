/** Creates missing routes, and adds an owner tag to routes that a stack has created. Never overwrites a value. */

import { type EachOptions, forEachRoute } from './each-route.ts';
import type { Route, Tag } from './event.ts';
import {
  descriptionOfVersion01,
  findOwnerTags,
  ownerTagOfVersion01,
  proxyTagKey,
} from './owner-tag.ts';
import type { RouteParameters, StoredRoute } from './parameters.ts';

export interface CreateOptions extends EachOptions {
  readonly ownerTag: Tag;
  /** Tags of a new parameter, besides the owner tag. */
  readonly tags: readonly Tag[];
  /** Names that are created if they are missing. Others that are missing were deleted by an operator. */
  readonly created: ReadonlySet<string>;
}

/**
 * Creates all routes.
 * @throws Error at the end that names the failed routes, with the reasons
 */
export async function createRoutes(
  parameters: RouteParameters,
  routes: readonly Route[],
  options: CreateOptions,
): Promise<void> {
  const byName = new Map(routes.map((route) => [route.name, route]));
  await forEachRoute(parameters, [...byName.keys()], {
    ...options,
    act: async (name, stored) => {
      const route = byName.get(name);
      if (route === undefined) return;
      options.log(await createOrAdopt(parameters, { route, stored }, options), name);
    },
  });
}

interface Found {
  readonly route: Route;
  readonly stored: StoredRoute | undefined;
}

/** @returns what was done */
async function createOrAdopt(
  parameters: RouteParameters,
  { route, stored }: Found,
  { ownerTag, tags, created }: CreateOptions,
): Promise<string> {
  if (stored === undefined) {
    if (!created.has(route.name)) return 'left deleted';
    if (await parameters.create(route, [...tags, ownerTag])) return 'created';
  } else if (stored.version > 1) {
    // An edited route is never deleted, so it needs no owner tag.
    return 'kept: it was edited';
  }
  return adopt(parameters, route.name, { ownerTag, tags });
}

/** A parameter without an owner tag was created by a person, unless 0.1 created it. */
async function adopt(
  parameters: RouteParameters,
  name: string,
  { ownerTag, tags }: Pick<CreateOptions, 'ownerTag' | 'tags'>,
): Promise<string> {
  const before = await parameters.readTags(name);
  const ownerTags = findOwnerTags(before);
  if (ownerTags.includes(ownerTag.Key)) return 'kept';
  if (ownerTags.length > 0) {
    await parameters.addTags(name, [ownerTag]);
    return 'adopted';
  }
  // The parameter had owner tags before: an operator has removed them.
  if (before.some(({ Key }) => Key === proxyTagKey)) return 'left: its owners were taken off';
  if ((await parameters.readDescription(name)) !== descriptionOfVersion01) {
    return 'left: no stack created it';
  }
  // Both owner tags in one call: with ours alone, a rollback would delete a parameter that the resource of 0.1 owns.
  await parameters.addTags(name, [...tags, ownerTagOfVersion01, ownerTag]);
  return 'adopted';
}
