/** The calls of Parameter Store that create and delete routes. */
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  GetParameterHistoryCommand,
  GetParametersCommand,
  InvalidResourceId,
  ListTagsForResourceCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Route, Tag } from './event.ts';

export interface StoredRoute {
  readonly version: number;
  readonly value: string;
}

export interface RouteParameters {
  /** Reads existing parameters by name, at most {@link namesPerRead} at a time. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, StoredRoute>>;
  /**
   * Creates the parameter with its tags in one call.
   * @returns false if it exists; it is then unchanged
   */
  create(route: Route, tags: readonly Tag[]): Promise<boolean>;
  /** Reads the tags; empty if there is no such parameter. */
  readTags(name: string): Promise<readonly Tag[]>;
  /** Reads the description of its first version. */
  readDescription(name: string): Promise<string | undefined>;
  addTags(name: string, tags: readonly Tag[]): Promise<void>;
  removeTag(name: string, key: string): Promise<void>;
  /** Deletes the parameter. It is not an error if it does not exist. */
  delete(name: string): Promise<void>;
}

/** GetParameters accepts ten names. */
export const namesPerRead = 10;

/** Makes a call of the named operation, and repeats it if that may help. */
export type Attempt = <T>(operation: string, call: () => Promise<T>) => Promise<T>;

export function createRouteParameters(client: SSMClient, attempt: Attempt): RouteParameters {
  return {
    read: async (names) => {
      const command = new GetParametersCommand({ Names: [...names] });
      const { Parameters = [] } = await attempt('GetParameters', () => client.send(command));
      return new Map(
        Parameters.map(({ Name = '', Version: version = 0, Value: value = '' }) => [
          Name,
          { version, value },
        ]),
      );
    },
    create: async (route, tags) => {
      const command = toPutCommand(route, tags);
      try {
        await attempt('PutParameter', () => client.send(command));
        return true;
      } catch (error) {
        if (error instanceof ParameterAlreadyExists) return false;
        throw error;
      }
    },
    readTags: (name) =>
      unlessGone([], async () => {
        const command = new ListTagsForResourceCommand(toResource(name));
        const { TagList = [] } = await attempt('ListTags', () => client.send(command));
        return TagList.map(({ Key = '', Value = '' }) => ({ Key, Value }));
      }),
    readDescription: (name) =>
      unlessGone(undefined, async () => {
        const command = new GetParameterHistoryCommand({ Name: name, MaxResults: 1 });
        const { Parameters = [] } = await attempt('GetHistory', () => client.send(command));
        return Parameters[0]?.Description;
      }),
    addTags: (name, tags) =>
      unlessGone(undefined, async () => {
        const command = new AddTagsToResourceCommand({ ...toResource(name), Tags: [...tags] });
        await attempt('AddTags', () => client.send(command));
      }),
    removeTag: (name, key) =>
      unlessGone(undefined, async () => {
        const command = new RemoveTagsFromResourceCommand({ ...toResource(name), TagKeys: [key] });
        await attempt('RemoveTags', () => client.send(command));
      }),
    delete: (name) =>
      unlessGone(undefined, async () => {
        const command = new DeleteParameterCommand({ Name: name });
        await attempt('DeleteParameter', () => client.send(command));
      }),
  };
}

function toPutCommand({ name, value }: Route, tags: readonly Tag[]): PutParameterCommand {
  return new PutParameterCommand({
    Name: name,
    Value: value,
    Description: 'Countersign route: its stack created it once; edit it here',
    Type: 'String',
    Overwrite: false,
    // An advanced parameter cannot become a standard one again; this tier lets a document grow later.
    Tier: 'Intelligent-Tiering',
    Tags: [...tags],
  });
}

function toResource(name: string) {
  return { ResourceType: 'Parameter', ResourceId: name } as const;
}

/** Tags of a parameter that does not exist are an invalid resource, not a missing parameter. */
async function unlessGone<T>(otherwise: T, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ParameterNotFound || error instanceof InvalidResourceId) return otherwise;
    throw error;
  }
}
