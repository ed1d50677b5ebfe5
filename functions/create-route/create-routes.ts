/** Creates what is missing, and claims what a stack has created before. No value is ever written over. */
import { claimOfVersion01, descriptionOfVersion01, findClaims, proxyTagKey } from './claim.ts';
import { type EachOptions, forEachRoute } from './each-route.ts';
import type { Route, Tag } from './event.ts';
import type { RouteParameters, StoredRoute } from './parameters.ts';

export interface CreateOptions extends EachOptions {
  readonly claim: Tag;
  /** What a new parameter has beside the claim. */
  readonly tags: readonly Tag[];
  /** Names that are created where they are missing. An operator may have deleted the others. */
  readonly created: ReadonlySet<string>;
}

/** Throws when it is through with all of them, where some failed. */
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
      options.log(await createOrClaim(parameters, { route, stored }, options), name);
    },
  });
}

interface Found {
  readonly route: Route;
  readonly stored: StoredRoute | undefined;
}

/** @returns what was done */
async function createOrClaim(
  parameters: RouteParameters,
  { route, stored }: Found,
  { claim, tags, created }: CreateOptions,
): Promise<string> {
  if (stored === undefined) {
    if (!created.has(route.name)) return 'left deleted';
    if (await parameters.create(route, [...tags, claim])) return 'created';
  } else if (stored.version > 1) {
    // It is never deleted again, whoever claims it.
    return 'kept: it was edited';
  }
  return adopt(parameters, route.name, { claim, tags });
}

/** A parameter without a claim is a person's, unless 0.1 created it. */
async function adopt(
  parameters: RouteParameters,
  name: string,
  { claim, tags }: Pick<CreateOptions, 'claim' | 'tags'>,
): Promise<string> {
  const before = await parameters.readTags(name);
  const claims = findClaims(before);
  if (claims.includes(claim.Key)) return 'kept';
  if (claims.length > 0) {
    await parameters.addTags(name, [claim]);
    return 'claimed';
  }
  // Without a claim, and not for the first time: an operator has taken it off.
  if (before.some(({ Key }) => Key === proxyTagKey)) return 'left: its owners were taken off';
  if ((await parameters.readDescription(name)) !== descriptionOfVersion01) {
    return 'left: no stack created it';
  }
  // In one call: with a claim of ours alone, a rollback would delete what the resource of 0.1 still stands for.
  await parameters.addTags(name, [...tags, claimOfVersion01, claim]);
  return 'claimed';
}
