/** Tags of parameters in the local store: what it keeps, and what it refuses as Parameter Store does. */
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { send } from '../support/client.ts';
import { closeAtEnd } from '../support/open-resources.ts';

async function start(): Promise<ParameterStore> {
  const store = await startParameterStore();
  closeAtEnd(store.close);
  return store;
}

interface Answer {
  readonly status: number;
  readonly __type?: string;
  readonly TagList?: unknown;
}

async function call(store: ParameterStore, operation: string, input: object): Promise<Answer> {
  const headers = [['X-Amz-Target', `AmazonSSM.${operation}`]] as const;
  const body = JSON.stringify(input);
  const response = await send(store.url, { method: 'POST', target: '/', headers, body });
  return { status: response.status, ...response.json() };
}

const resource = { ResourceType: 'Parameter', ResourceId: '/a' };
const tag = (Key: string, Value = 'v') => ({ Tags: [{ Key, Value }] });

test('tags of a parameter are added, removed, kept by its next version, and gone with it', async () => {
  const store = await start();
  const list = async () => (await call(store, 'ListTagsForResource', resource)).TagList;
  await call(store, 'PutParameter', { Name: '/a', Value: '1', ...tag('k') });
  await call(store, 'AddTagsToResource', { ...resource, ...tag('x', 'y') });
  expect(await list()).toEqual([
    { Key: 'k', Value: 'v' },
    { Key: 'x', Value: 'y' },
  ]);
  await call(store, 'PutParameter', { Name: '/a', Value: '2', Overwrite: true });
  await call(store, 'RemoveTagsFromResource', { ...resource, TagKeys: ['k', 'none'] });
  expect(await list()).toEqual([{ Key: 'x', Value: 'y' }]);
  await call(store, 'DeleteParameter', { Name: '/a' });
  await call(store, 'PutParameter', { Name: '/a', Value: '1' });
  expect(await list()).toEqual([]);
});

test('tags and Overwrite do not go together', async () => {
  const put = { Name: '/a', Value: '1', Overwrite: true, ...tag('k') };
  expect(await call(await start(), 'PutParameter', put)).toMatchObject({
    __type: 'ValidationException',
  });
});

const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }));

test.each<[string, object, string]>([
  ['of a parameter that does not exist', { ResourceId: '/none' }, 'InvalidResourceId'],
  ['of another kind of resource', { ResourceType: 'Document' }, 'InvalidResourceType'],
  ['more than fifty', { Tags: many }, 'TooManyTagsError'],
  ['that AWS reserves', tag('aws:x'), 'ValidationException'],
  ['without a key', tag(''), 'ValidationException'],
  ['with a key that is too long', tag('k'.repeat(129)), 'ValidationException'],
  ['with a value that is too long', tag('k', 'v'.repeat(257)), 'ValidationException'],
  ['with signs that tags do not have', tag('a;b'), 'ValidationException'],
  ['none at all', { Tags: undefined }, 'ValidationException'],
])('tags %s are refused', async (_, change, type) => {
  const store = await start();
  store.call('PutParameter', { Name: '/a', Value: '1' });
  const input = { ...resource, ...tag('k'), ...change };
  expect(await call(store, 'AddTagsToResource', input)).toMatchObject({
    status: 400,
    __type: type,
  });
});

test('a parameter is not created with tags that are refused', async () => {
  const store = await start();
  const put = { Name: '/a', Value: '1', Tags: many };
  expect(await call(store, 'PutParameter', put)).toMatchObject({ __type: 'TooManyTagsError' });
  expect(await call(store, 'GetParameter', { Name: '/a' })).toMatchObject({ status: 400 });
});

test.each(['ListTagsForResource', 'RemoveTagsFromResource'])(
  '%s knows no parameter that does not exist',
  async (operation) => {
    const input = { ...resource, TagKeys: ['k'] };
    expect(await call(await start(), operation, input)).toMatchObject({
      __type: 'InvalidResourceId',
    });
  },
);
