/** Handles CloudFormation's events: decides which routes are created or get an owner tag, and which are released. */
import type { Outcome } from './answer.ts';
import { createRoutes } from './create-routes.ts';
import type { EachOptions } from './each-route.ts';
import { findChanged, type ResourceEvent, readRoutes } from './event.ts';
import { proxyTagKey, toOwnerTag, toPhysicalId } from './owner-tag.ts';
import type { RouteParameters } from './parameters.ts';
import { releaseRouteOfVersion01, releaseRoutes } from './release-routes.ts';

export interface HandlerOptions extends EachOptions {
  readonly parameters: RouteParameters;
}

/** The id that CloudFormation gets if creation failed before the resource had an id. */
const notCreated = 'not-created';

/** @returns the outcome for CloudFormation, including failures */
export async function handleEvent(event: ResourceEvent, options: HandlerOptions): Promise<Outcome> {
  try {
    return await decide(event, options);
  } catch (error) {
    return toFailure(event.PhysicalResourceId ?? notCreated, error);
  }
}

/** Throws if the properties have another form, or routes cannot be released. */
async function decide(event: ResourceEvent, options: HandlerOptions): Promise<Outcome> {
  const { PhysicalResourceId: id = notCreated } = event;
  switch (event.RequestType) {
    case 'Create':
      return create(event, options);
    case 'Update':
      return update(event, id, options);
    case 'Delete':
      await remove(event, id, options);
      return toSuccess(id);
  }
}

/** A failure has the resource's id, so that CloudFormation deletes the resource and with it the created routes. */
async function create(event: ResourceEvent, options: HandlerOptions): Promise<Outcome> {
  const routes = readRoutes(event.ResourceProperties);
  const id = toPhysicalId(
    event,
    routes.map(({ name }) => name),
  );
  try {
    const created = new Set(routes.map(({ name }) => name));
    const own = { ownerTag: toOwnerTag(id, event), tags: toTags(event), created };
    await createRoutes(options.parameters, routes, { ...options, ...own });
    return toSuccess(id);
  } catch (error) {
    return toFailure(id, error);
  }
}

/** The same routes keep the id. Others get a new one, and CloudFormation deletes the old one when all is done. */
async function update(
  event: ResourceEvent,
  before: string,
  options: HandlerOptions,
): Promise<Outcome> {
  const changed = findChanged(event);
  const all = readRoutes(event.ResourceProperties);
  const names = all.map(({ name }) => name);
  const id = toPhysicalId(event, names);
  const ownerTag = toOwnerTag(id, event);
  try {
    const created = new Set(changed.map(({ name }) => name));
    // Under the same id they have the owner tag already.
    const routes = id === before ? changed : all;
    const own = { ownerTag, tags: toTags(event), created };
    await createRoutes(options.parameters, routes, { ...options, ...own });
    return toSuccess(id);
  } catch (error) {
    // CloudFormation gets the old id, so no later event would remove these owner tags.
    if (id !== before) await undo(ownerTag.Key, names, options);
    return toFailure(before, error);
  }
}

async function undo(
  ownerTag: string,
  names: readonly string[],
  options: HandlerOptions,
): Promise<void> {
  // Best effort: an owner tag that is left keeps its route. The log names each route that failed.
  await releaseRoutes(options.parameters, names, { ...options, ownerTag }).catch(() => {});
}

async function remove(event: ResourceEvent, id: string, options: HandlerOptions): Promise<void> {
  // Creating failed before there was an id.
  if (!id.startsWith('/')) return;
  const { parameters } = options;
  const { Name: name } = event.ResourceProperties;
  if (name !== undefined) {
    // The id has the name: an update of the name replaces the resource.
    const own = id.slice(0, id.lastIndexOf('#'));
    await releaseRouteOfVersion01(parameters, own, { ...options, id });
    return;
  }
  const names = readRoutes(event.ResourceProperties).map((route) => route.name);
  await releaseRoutes(parameters, names, { ...options, ownerTag: toOwnerTag(id, event).Key });
}

/** The tags of the stack, and the tag that names the proxy. */
function toTags({ ResourceProperties: { ParameterPath = '', Tags = [] } }: ResourceEvent) {
  return [...Tags, { Key: proxyTagKey, Value: ParameterPath.slice(0, 256) }];
}

function toSuccess(id: string): Outcome {
  return { Status: 'SUCCESS', PhysicalResourceId: id };
}

function toFailure(id: string, error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  return { Status: 'FAILED', PhysicalResourceId: id, Reason: reason };
}
