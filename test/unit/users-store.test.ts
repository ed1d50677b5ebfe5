/** What the store on DynamoDB makes of answers that a working table does not give. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoStore } from '../../functions/users/dynamo-store.ts';
import { StoreBusyError } from '../../functions/users/store.ts';

const user = {
  ...{ userId: 'u-1', name: 'Ada', email: 'ada@example.com', version: 1 },
  ...{ createdAt: '2026-11-21T10:00:00.000Z', updatedAt: '2026-11-21T10:00:00.000Z' },
};
const taken = new ConditionalCheckFailedException({ message: 'taken', $metadata: {} });

/** A store whose client answers each call with the next of `answers`, and throws those that are errors. */
function createStore(...answers: unknown[]) {
  const send = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return createDynamoStore({ send } as unknown as DynamoDBDocumentClient, 'users');
}

const named = (name: string) => Object.assign(new Error(name), { name });

test.each([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
])('%s means that the store is busy', async (name) => {
  await expect(createStore(named(name)).list({ limit: 1 })).rejects.toThrow(StoreBusyError);
  await expect(createStore(named(name)).create(user)).rejects.toThrow(StoreBusyError);
  await expect(createStore(named(name)).removeAll(() => true)).rejects.toThrow(StoreBusyError);
});

test('any other failure is passed on as it is', async () => {
  await expect(createStore(named('ResourceNotFoundException')).read('u-1')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('a user that an earlier try has created is created', async () => {
  await expect(createStore(taken).create(user)).resolves.toBeUndefined();
});

test('a missing user, or one of another version, is neither changed nor deleted', async () => {
  const { updatedAt } = user;
  await expect(
    createStore(taken).update({ userId: 'u-1' }, { updatedAt }),
  ).resolves.toBeUndefined();
  await expect(createStore(taken).remove({ userId: 'u-1', version: 2 })).resolves.toBe(false);
  await expect(createStore({}).remove({ userId: 'u-1' })).resolves.toBe(true);
});

describe('deleting everything', () => {
  const page = {
    Items: [{ userId: 'u-1' }, { userId: 'u-2' }],
    LastEvaluatedKey: { userId: 'u-2' },
  };

  test('goes on behind each page until there is none', async () => {
    const store = createStore(page, {}, { ...page, LastEvaluatedKey: undefined }, {});
    expect(await store.removeAll(() => true)).toEqual({ deleted: 4, isEmpty: true });
  });

  test('stops where DynamoDB leaves users out, and counts those that it deleted', async () => {
    const store = createStore(page, { UnprocessedItems: { users: [{}] } });
    expect(await store.removeAll(() => true)).toEqual({ deleted: 1, isEmpty: false });
  });

  test('begins no page for which there is no time', async () => {
    let pages = 0;
    const mayGoOn = () => {
      pages += 1;
      return pages === 1;
    };
    expect(await createStore(page, {}).removeAll(mayGoOn)).toEqual({ deleted: 2, isEmpty: false });
  });
});
