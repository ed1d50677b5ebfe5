/** Takes claims away, and deletes routes without any claim that are still as they were created. */
import { claimOfVersion01, findClaims, toPhysicalIdOfVersion01 } from './claim.ts';
import { type EachOptions, forEachRoute } from './each-route.ts';
import type { RouteParameters, StoredRoute } from './parameters.ts';
import { isDenied } from './patience.ts';

export interface ReleaseOptions extends EachOptions {
  /** Key of the claim. */
  readonly claim: string;
}

/** Throws when it is through with all of them, where some failed. What the role may not touch is left. */
export async function releaseRoutes(
  parameters: RouteParameters,
  names: readonly string[],
  options: ReleaseOptions,
): Promise<void> {
  await forEachRoute(parameters, names, {
    ...options,
    act: async (name, stored) => {
      options.log(await release(parameters, { name, stored }, options.claim), name);
    },
    // Below a parameter path that the stack has given up, and its role with it.
    isLeft: isDenied,
  });
}

/** The same for the one parameter of a resource of 0.1, whose physical id this is. */
export async function releaseRouteOfVersion01(
  parameters: RouteParameters,
  name: string,
  { id, ...options }: EachOptions & { readonly id: string },
): Promise<void> {
  const claim = claimOfVersion01.Key;
  await forEachRoute(parameters, [name], {
    ...options,
    act: async (_, stored) => {
      const isFirst = stored !== undefined && toPhysicalIdOfVersion01(name, stored.value) === id;
      const isUnclaimed = findClaims(await parameters.readTags(name)).length === 0;
      if (isFirst && isUnclaimed) options.log(await deleteUnedited(parameters, name), name);
      else options.log(await release(parameters, { name, stored }, claim), name);
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
  claim: string,
): Promise<string> {
  if (stored === undefined) return 'gone already';
  if (stored.version > 1) return 'left: it was edited';
  const claims = findClaims(await parameters.readTags(name));
  if (!claims.includes(claim)) return 'left: this resource does not own it';
  if (claims.length === 1) return deleteUnedited(parameters, name);
  await parameters.removeTag(name, claim);
  return 'left: another resource owns it';
}

/** Parameter Store cannot be asked to delete one version only: so it is read once more, at the last moment. */
async function deleteUnedited(parameters: RouteParameters, name: string): Promise<string> {
  const version = (await parameters.read([name])).get(name)?.version;
  if (version !== 1) return version === undefined ? 'gone already' : 'left: it was edited';
  await parameters.delete(name);
  return 'deleted';
}
