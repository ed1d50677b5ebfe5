/**
 * Whose a parameter is. Each resource that lists a route puts a tag of its own on the parameter: a claim. A resource
 * that goes takes its claim away, and the parameter goes with the last one. So the order in which CloudFormation creates,
 * deletes and rolls back does not matter: no resource can delete what another one claims.
 */
import { createHash } from 'node:crypto';
import type { ResourceEvent, Tag } from './event.ts';

const prefix = 'countersign:owner:';

/** Stands for the resource of 0.1, which put no tags on what it created. */
export const claimOfVersion01: Tag = { Key: `${prefix}0.1`, Value: 'created by version 0.1' };

/** What 0.1 wrote into the description of its parameters. Today's differs: what has this and no tag is of 0.1. */
export const descriptionOfVersion01 = 'Countersign route: created once by its stack, edited here';

/**
 * The physical id: another one for each set of routes. A new one makes CloudFormation delete the old one after everything
 * else has succeeded, and not at all where the update is rolled back.
 */
export function toPhysicalId(event: ResourceEvent, names: readonly string[]): string {
  const { StackId, LogicalResourceId, ResourceProperties } = event;
  const identity = JSON.stringify([StackId, LogicalResourceId, ...[...names].sort()]);
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return `${ResourceProperties.ParameterPath}/routes#${digest}`;
}

/** Says which proxy reads the route; whoever takes the claims off a parameter leaves it. */
export const proxyTagKey = 'countersign:proxy';

/** The claim of the resource with this physical id; its value tells a reader of the tags which one that is. */
export function toClaim(physicalId: string, { StackId, LogicalResourceId }: ResourceEvent): Tag {
  const stack = StackId.split('/')[1] ?? StackId;
  const digest = physicalId.split('#').at(-1);
  return { Key: `${prefix}${digest}`, Value: `${stack}/${LogicalResourceId}`.slice(0, 256) };
}

/** Keys of all claims among the tags of a parameter. */
export function findClaims(tags: Iterable<Tag>): string[] {
  return [...tags].map(({ Key }) => Key).filter((key) => key.startsWith(prefix));
}

/** 0.1: the parameter's name, and a digest of what was first written there. */
export function toPhysicalIdOfVersion01(name: string, value: string): string {
  return `${name}#${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
}
