/** Runs a custom resource as CloudFormation does: the events of creation, replacement, rollback and clean-up. */
import type { Outcome } from '../../functions/create-route/answer.ts';
import type { ResourceEvent, ResourceProperties } from '../../functions/create-route/event.ts';

/** Runs the function with one event, and returns its answer. */
export type Run = (event: ResourceEvent) => Promise<Outcome>;

/** Documents by route id. */
export type Documents = Readonly<Record<string, string>>;

/** A resource that exists. */
export interface Resource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly properties: ResourceProperties;
}

/** An update that has succeeded, while the stack is not finished. */
export interface Update {
  readonly before: Resource;
  readonly after: Resource;
}

export interface FakeStack {
  create(logicalId: string, documents: Documents, path?: string): Promise<Resource>;
  /**
   * Creates a resource, expects a failure, and deletes it.
   * @returns the reason
   */
  createInVain(logicalId: string, documents: Documents): Promise<string | undefined>;
  update(resource: Resource, documents: Documents, path?: string): Promise<Update>;
  /**
   * Updates a resource, expects a failure, and rolls back.
   * @returns the reason
   */
  updateInVain(resource: Resource, documents: Documents): Promise<string | undefined>;
  /** Finishes the stack: deletes the replaced resource. */
  cleanUp(update: Update): Promise<void>;
  /**
   * Rolls back because another part of the stack failed: restores the old resource, and deletes the one that the update
   * had created.
   */
  rollBack(update: Update): Promise<Resource>;
  delete(resource: Resource): Promise<void>;
}

export const path = '/edge';

function toProperties(documents: Documents, root = path): ResourceProperties {
  const routes = Object.entries(documents).map(([Id, Value]) => ({ Id, Value }));
  return { ParameterPath: root, Routes: routes, Tags: [{ Key: 'team', Value: 'edge' }] };
}

export function createFakeStack(run: Run, name = 'shop'): FakeStack {
  const toEvent = (logicalId: string, ResourceProperties: ResourceProperties) => ({
    ...{ ResponseURL: 'https://unused.invalid/', RequestId: 'request' },
    StackId: `arn:aws:cloudformation:eu-west-1:111122223333:stack/${name}/8b6f`,
    ...{ LogicalResourceId: logicalId, ResourceProperties },
  });
  const succeed = async (event: ResourceEvent) => {
    const outcome = await run(event);
    if (outcome.Status === 'FAILED') throw new Error(outcome.Reason);
    return outcome.PhysicalResourceId;
  };
  const send = (type: 'Update' | 'Delete', resource: Resource, more: Partial<ResourceEvent>) =>
    ({
      ...toEvent(resource.logicalId, resource.properties),
      ...{ RequestType: type, PhysicalResourceId: resource.physicalId, ...more },
    }) as const;
  const change = async (resource: Resource, properties: ResourceProperties): Promise<Update> => {
    const { logicalId, properties: old } = resource;
    const event = { ResourceProperties: properties, OldResourceProperties: old };
    const physicalId = await succeed(send('Update', resource, event));
    return { before: resource, after: { logicalId, physicalId, properties } };
  };
  const remove = async (resource: Resource) => {
    await succeed(send('Delete', resource, {}));
  };
  const cleanUp = async ({ before, after }: Update) => {
    if (before.physicalId !== after.physicalId) await remove(before);
  };
  return {
    create: async (logicalId, documents, root) => {
      const properties = toProperties(documents, root);
      const event = { ...toEvent(logicalId, properties), RequestType: 'Create' } as const;
      return { logicalId, physicalId: await succeed(event), properties };
    },
    createInVain: async (logicalId, documents) => {
      const properties = toProperties(documents);
      const event = { ...toEvent(logicalId, properties), RequestType: 'Create' } as const;
      const { Status, PhysicalResourceId: physicalId, Reason } = await run(event);
      if (Status === 'SUCCESS') throw new Error('it was created');
      await remove({ logicalId, physicalId, properties });
      return Reason;
    },
    update: (resource, documents, root) => change(resource, toProperties(documents, root)),
    updateInVain: async (resource, documents) => {
      const event = {
        ResourceProperties: toProperties(documents),
        OldResourceProperties: resource.properties,
      };
      const { Status, Reason } = await run(send('Update', resource, event));
      if (Status === 'SUCCESS') throw new Error('it was updated');
      const { physicalId } = (await change(resource, resource.properties)).after;
      if (physicalId !== resource.physicalId) throw new Error(`${physicalId} is another resource`);
      return Reason;
    },
    cleanUp,
    rollBack: async ({ before, after }) => {
      const back = await change(after, before.properties);
      await cleanUp(back);
      return back.after;
    },
    delete: remove,
  };
}
