/** The store with DynamoDB. table.ts lists the operation of each access. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { StoreBusyError, type Target, type UserStore } from './store.ts';
import { usersTable } from './table.ts';
import type { User } from './user.ts';

/** Maximum number of items of one BatchWriteItem. */
const batchSize = 25;

const busyErrors = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/** Creates a store in one table. The client retries failed calls. */
export function createDynamoStore(client: DynamoDBDocumentClient, TableName: string): UserStore {
  return {
    list: ({ limit, afterUserId }) =>
      orBusy(async () => {
        const { Items = [], LastEvaluatedKey: last } = await client.send(
          new QueryCommand({
            TableName,
            ...collectionQuery,
            Limit: limit,
            // So that a client that has just created a user finds it in the list.
            ConsistentRead: true,
            ...(afterUserId && { ExclusiveStartKey: toKey(afterUserId) }),
          }),
        );
        return {
          users: Items.map(toUser),
          ...(last && { lastUserId: String(last[usersTable.sortKey]) }),
        };
      }),

    read: (userId) =>
      orBusy(async () => {
        const Key = toKey(userId);
        const { Item } = await client.send(
          new GetCommand({ TableName, Key, ConsistentRead: true }),
        );
        return Item && toUser(Item);
      }),

    create: async (user) => {
      const Item = { ...toKey(user.userId), ...user };
      const ConditionExpression = `attribute_not_exists(${usersTable.sortKey})`;
      // The id is random. If it is taken, an earlier attempt of this call has succeeded, and its answer was lost.
      await ifMet(() => client.send(new PutCommand({ TableName, Item, ConditionExpression })));
    },

    update: (target, changes) =>
      ifMet(async () => {
        const { Attributes = {} } = await client.send(
          new UpdateCommand({ TableName, ...toUpdate(target, changes), ReturnValues: 'ALL_NEW' }),
        );
        return toUser(Attributes);
      }),

    remove: async (target) => {
      const input = { TableName, Key: toKey(target.userId), ...toCondition(target) };
      return (await ifMet(() => client.send(new DeleteCommand(input)))) !== undefined;
    },

    removeAll: (mayGoOn) => orBusy(() => removeAll(client, TableName, mayGoOn)),
  };
}

async function removeAll(
  client: DynamoDBDocumentClient,
  TableName: string,
  mayGoOn: () => boolean,
): Promise<{ deleted: number; isEmpty: boolean }> {
  let deleted = 0;
  let from: Record<string, unknown> | undefined;
  while (mayGoOn()) {
    const { Items = [], LastEvaluatedKey: last } = await client.send(
      new QueryCommand({
        TableName,
        ...collectionQuery,
        ProjectionExpression: `#directory, ${usersTable.sortKey}`,
        Limit: batchSize,
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    if (Items.length > 0) {
      const requests = Items.map((Key) => ({ DeleteRequest: { Key } }));
      const { UnprocessedItems: left = {} } = await client.send(
        new BatchWriteCommand({ RequestItems: { [TableName]: requests } }),
      );
      const missed = left[TableName]?.length ?? 0;
      deleted += Items.length - missed;
      // DynamoDB leaves items unprocessed if it has no capacity for them. The client repeats the request after a pause.
      if (missed > 0) return { deleted, isEmpty: false };
    }
    if (last === undefined) return { deleted, isEmpty: true };
    from = last;
  }
  return { deleted, isEmpty: false };
}

const collectionQuery = {
  KeyConditionExpression: '#directory = :directory',
  ExpressionAttributeNames: { '#directory': usersTable.partitionKey },
  ExpressionAttributeValues: { ':directory': usersTable.directory },
};

function toKey(userId: string): Record<string, string> {
  return { [usersTable.partitionKey]: usersTable.directory, [usersTable.sortKey]: userId };
}

interface Condition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** The condition that the user exists, with the given version if there is one. Only users have a version. */
function toCondition({ version }: Target): Condition {
  if (version === undefined) {
    return {
      ConditionExpression: 'attribute_exists(#userId)',
      ExpressionAttributeNames: { '#userId': usersTable.sortKey },
    };
  }
  return {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': version },
  };
}

function toUpdate(target: Target, changes: object) {
  const condition = toCondition(target);
  const entries = Object.entries(changes);
  const assignments = entries.map(([key]) => `#${key} = :new_${key}`);
  return {
    ...condition,
    Key: toKey(target.userId),
    UpdateExpression: `SET ${assignments.join(', ')} ADD #version :one`,
    ExpressionAttributeNames: {
      ...condition.ExpressionAttributeNames,
      '#version': 'version',
      ...Object.fromEntries(entries.map(([key]) => [`#${key}`, key])),
    },
    ExpressionAttributeValues: {
      ...condition.ExpressionAttributeValues,
      ':one': 1,
      ...Object.fromEntries(entries.map(([key, value]) => [`:new_${key}`, value])),
    },
  };
}

/** Converts an item of the table to a user, without the partition key. */
function toUser(item: Record<string, unknown>): User {
  const { userId, name, email, version, createdAt, updatedAt } = item as unknown as User;
  return { userId, name, email, version, createdAt, updatedAt };
}

/** @returns undefined if the condition does not hold */
async function ifMet<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await orBusy(write);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** @throws StoreBusyError if DynamoDB throttled the call and all retries of the client */
async function orBusy<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error && busyErrors.has(error.name))) throw error;
    throw new StoreBusyError(error.message, { cause: error });
  }
}
