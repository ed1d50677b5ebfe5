/** The custom resource that creates routes, as built: CloudFormation's events in, its answers and the parameters out. */
import {
  descriptionOfVersion01,
  toPhysicalIdOfVersion01,
} from '../../functions/create-route/owner-tag.ts';
import { eventually } from '../support/eventually.ts';
import { createFakeStack, type FakeStack } from '../support/fake-cloud-formation.ts';
import { removeAll } from '../support/publisher.ts';
import {
  type RouteCreator,
  type RouteCreatorOptions,
  startRouteCreator,
} from '../support/route-creator.ts';

const orders = '/edge/routes/orders';
const users = '/edge/routes/users';
const written = '{"uri":"/orders/*"}';
const edited = '{"uri":"/orders/*","status":0}';
const documents = { orders: written, users: '{"uri":"/users"}' };

/** Of all tests whose answers are not refused. It is a process, and each of them begins with no parameters. */
let shared: RouteCreator;
beforeAll(async () => {
  shared = await startRouteCreator();
});
beforeEach(() => {
  removeAll(shared.store);
  shared.types.length = 0;
});

async function start(
  options: RouteCreatorOptions = {},
): Promise<RouteCreator & { stack: FakeStack }> {
  const creator = options.refusedAnswers ? await startRouteCreator(options) : shared;
  creator.failBy(options.intercept);
  return { ...creator, stack: createFakeStack(creator.run) };
}

const edit = ({ store }: RouteCreator, value = edited) =>
  store.call('PutParameter', { Name: orders, Value: value, Type: 'String', Overwrite: true });

test('routes are created, with tags, and deleted with their stack', async () => {
  const { stack, read, tagsOf, types } = await start();
  const resource = await stack.create('Proxy', documents);
  expect([read(orders), read(users)]).toEqual([written, documents.users]);
  expect(tagsOf(orders)).toMatchObject({ team: 'edge', 'countersign:proxy': '/edge' });
  expect(Object.values(tagsOf(orders))).toContain('shop/Proxy');
  // The URL of the answer is signed for no content type.
  expect(types).toEqual([undefined]);

  await stack.delete(resource);
  expect([read(orders), read(users)]).toEqual(['ParameterNotFound', 'ParameterNotFound']);
});

test('routes stay where a construct id changes: the new resource is created, then the old one deleted', async () => {
  const { stack, read, tagsOf } = await start();
  const proxy = await stack.create('Proxy', documents);
  const proxy2 = await stack.create('Proxy2', documents);
  await stack.delete(proxy);
  expect([read(orders), read(users)]).toEqual([written, documents.users]);
  expect(Object.values(tagsOf(orders))).toContain('shop/Proxy2');
  expect(Object.values(tagsOf(orders))).not.toContain('shop/Proxy');

  await stack.delete(proxy2);
  expect(read(orders)).toBe('ParameterNotFound');
});

test('a route that leaves the app is deleted, and one of a rolled back update as well', async () => {
  const { stack, read } = await start();
  const resource = await stack.create('Proxy', { orders: written });
  const back = await stack.rollBack(await stack.update(resource, { users: documents.users }));
  expect([read(orders), read(users)]).toEqual([written, 'ParameterNotFound']);

  await stack.cleanUp(await stack.update(back, { users: documents.users }));
  expect([read(orders), read(users)]).toEqual(['ParameterNotFound', documents.users]);
});

test('an upgrade from 0.1, which had a resource for each route, keeps the routes', async () => {
  const { stack, store, read } = await start();
  const put = { Name: orders, Value: written, Description: descriptionOfVersion01 };
  store.call('PutParameter', { ...put, Type: 'String' });
  await stack.create('Proxy', documents);
  const physicalId = toPhysicalIdOfVersion01(orders, written);
  const properties = { Name: orders, Value: written };
  await stack.delete({ logicalId: 'Route', physicalId, properties });

  expect(read(orders)).toBe(written);
});

test("an existing document and an edited one stay unchanged when the app's document changes", async () => {
  const creator = await start();
  edit(creator);
  const resource = await creator.stack.create('Proxy', documents);
  const { after } = await creator.stack.update(resource, { ...documents, orders: '{"uri":"/v2"}' });
  expect(creator.read(orders)).toBe(edited);

  await creator.stack.delete(after);
  expect(creator.read(orders)).toBe(edited);
});

test.each([
  ['was edited', [edited]],
  ['was edited and edited back', [edited, written]],
])('what %s stays when its stack is deleted', async (_, values) => {
  const creator = await start();
  const resource = await creator.stack.create('Proxy', documents);
  for (const value of values) edit(creator, value);
  await creator.stack.delete(resource);

  expect(creator.read(orders)).toBe(values.at(-1));
});

test('a stack goes although an operator has deleted its routes, or its role may delete nothing', async () => {
  let refuse = '';
  const { stack, store, read } = await start({
    intercept: (operation) =>
      operation === refuse ? { type: 'AccessDeniedException' } : undefined,
  });
  const resource = await stack.create('Proxy', documents);
  store.call('DeleteParameter', { Name: users });
  refuse = 'DeleteParameter';
  await stack.delete(resource);
  expect(read(orders)).toBe(written);
});

test('a policy that IAM has not spread yet, throttling and a lost answer are got over', async () => {
  const failures: Record<string, string[]> = {
    GetParameters: ['AccessDeniedException', 'hang-up'],
    PutParameter: ['AccessDeniedException', 'ThrottlingException'],
    AddTagsToResource: ['TooManyUpdates'],
  };
  const { stack, read } = await start({
    intercept: (operation) => {
      const type = failures[operation]?.shift();
      return type === 'hang-up' || type === undefined ? type : { type };
    },
    refusedAnswers: 1,
  });
  await stack.create('Proxy', documents);
  await stack.create('Proxy2', documents);

  expect(Object.values(failures).flat()).toEqual([]);
  expect([read(orders), read(users)]).toEqual([written, documents.users]);
});

test('a deployment fails with the routes that cannot be created, and what was created goes again', async () => {
  const { stack, read } = await start({
    intercept: (operation, { Name: name }) =>
      operation === 'PutParameter' && name === users
        ? { type: 'ParameterLimitExceeded' }
        : undefined,
  });
  const reason = await stack.createInVain('Proxy', documents);

  expect(reason).toMatch(/^1 of 2 routes failed\. \/edge\/routes\/users: ParameterLimitExceeded/);
  expect(read(orders)).toBe('ParameterNotFound');
});

test('an answer about hundreds of failures fits into what CloudFormation takes', async () => {
  const { stack } = await start({
    intercept: (operation) =>
      operation === 'PutParameter'
        ? { type: 'ParameterLimitExceeded', message: 'x'.repeat(500) }
        : undefined,
  });
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`r${index}`, '{}']));
  expect(await stack.createInVain('Proxy', many)).toMatch(/^200 of 200 .*the log has all of it/);
});

test('the log has names, and neither documents nor the address of the answer', async () => {
  const { stack, log } = await start({
    intercept: (operation, { Name: name, Value: value }) =>
      operation === 'PutParameter' && name === users
        ? { type: 'ValidationException', message: `Value '${value}' at 'value' failed` }
        : undefined,
  });
  const reason = await stack.createInVain('Proxy', documents);
  // The last event is the deletion of what was created.
  await eventually(() => log().includes('route gone already'));

  expect(log()).toContain(orders);
  expect(`${reason} ${log()}`).not.toMatch(/uri|marked/);
});
