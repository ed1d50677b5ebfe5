/**
 * Owners of a parameter. Each resource that lists a route puts an owner tag of its own on the parameter. A deleted
 * resource removes only its own tag, and deletes the parameter if no other owner tag is left. So the order in which
 * CloudFormation creates, deletes and rolls back does not matter: no resource can delete a parameter of another one.
 */
import { createHash } from 'node:crypto';
import type { ResourceEvent, Tag } from './event.ts';

const prefix = 'countersign:owner:';

/** Owner tag that stands for the resource of 0.1, which put no tags on the parameters that it created. */
export const ownerTagOfVersion01: Tag = { Key: `${prefix}0.1`, Value: 'created by version 0.1' };

/** The description that 0.1 gave its parameters. A parameter with it and without an owner tag was created by 0.1. */
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

/** Tag that names the proxy which reads the route. It stays when an operator removes the owner tags. */
export const proxyTagKey = 'countersign:proxy';

/** The owner tag of the resource with this physical id. Its value names the stack and the resource, for people. */
export function toOwnerTag(physicalId: string, { StackId, LogicalResourceId }: ResourceEvent): Tag {
  const stack = StackId.split('/')[1] ?? StackId;
  const digest = physicalId.split('#').at(-1);
  return { Key: `${prefix}${digest}`, Value: `${stack}/${LogicalResourceId}`.slice(0, 256) };
}

/** @returns keys of the owner tags among the tags of a parameter */
export function findOwnerTags(tags: Iterable<Tag>): string[] {
  return [...tags].map(({ Key }) => Key).filter((key) => key.startsWith(prefix));
}

/** @returns the physical id of 0.1: the parameter's name, and a digest of the value that was first written */
export function toPhysicalIdOfVersion01(name: string, value: string): string {
  return `${name}#${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
}
