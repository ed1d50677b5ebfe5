/** Every order in which CloudFormation creates, replaces, rolls back and deletes what creates routes. */
import { handleEvent } from '../../functions/create-route/handler.ts';
import { createFakeStack, type FakeStack } from '../support/fake-cloud-formation.ts';
import {
  createFakeRouteParameters,
  type FakeRouteParameters,
} from '../support/fake-route-parameters.ts';

const a = '/edge/routes/a';
const b = '/edge/routes/b';
const both = { a: 'A', b: 'B' };

let parameters: FakeRouteParameters;
let stack: FakeStack;
let other: FakeStack;

beforeEach(() => {
  parameters = createFakeRouteParameters();
  const options = {
    parameters,
    isOver: () => false,
    log: () => {},
  };
  stack = createFakeStack((event) => handleEvent(event, options));
  other = createFakeStack((event) => handleEvent(event, options), 'other');
});

const kept = { [a]: 'A', [b]: 'B' };

describe('routes that two resources list', () => {
  test('stay where a construct id changes: the new resource is created, then the old one deleted', async () => {
    const proxy = await stack.create('Proxy', both);
    const proxy2 = await stack.create('Proxy2', both);
    await stack.delete(proxy);
    expect(parameters.list()).toEqual(kept);

    await stack.delete(proxy2);
    expect(parameters.list()).toEqual({});
  });

  test('stay where that is rolled back: the new resource is deleted, and the old one hears of nothing', async () => {
    const proxy = await stack.create('Proxy', both);
    await stack.delete(await stack.create('Proxy2', both));
    expect(parameters.list()).toEqual(kept);

    await stack.delete(proxy);
    expect(parameters.list()).toEqual({});
  });

  test('stay where the new resource fails after it has claimed some', async () => {
    const proxy = await stack.create('Proxy', both);
    parameters.failing.add(`addTags ${b}`);
    expect(await stack.createInVain('Proxy2', both)).toContain(`1 of 2 routes failed. ${b}:`);
    expect(parameters.list()).toEqual(kept);
    parameters.failing.clear();

    await stack.delete(proxy);
    expect(parameters.list()).toEqual({});
  });

  test('go with the last of them, in whichever order, also of two stacks', async () => {
    const first = await stack.create('Proxy', both);
    const second = await other.create('Proxy', { b: 'other B' });
    await stack.delete(first);
    expect(parameters.list()).toEqual({ [b]: 'B' });

    await other.delete(second);
    expect(parameters.list()).toEqual({});
  });

  test('move from one to the other in one update', async () => {
    const full = await stack.create('Documents', both);
    const next = await stack.create('Documents2', { c: 'C' });
    const updates = [
      await stack.update(full, { a: 'A' }),
      await stack.update(next, { b: 'B', c: 'C' }),
    ];
    for (const update of updates) await stack.cleanUp(update);

    expect(parameters.list()).toEqual({ ...kept, '/edge/routes/c': 'C' });
  });
});

describe('an update', () => {
  test('deletes routes that have left the app at the end, and not before', async () => {
    const resource = await stack.create('Proxy', both);
    const update = await stack.update(resource, { a: 'A' });
    expect(parameters.list()).toEqual(kept);

    await stack.cleanUp(update);
    expect(parameters.list()).toEqual({ [a]: 'A' });
  });

  test('that is rolled back loses nothing, and what it had added goes', async () => {
    const resource = await stack.create('Proxy', both);
    const update = await stack.update(resource, { a: 'A', c: 'C' });
    const back = await stack.rollBack(update);
    expect(back).toEqual(resource);
    expect(parameters.list()).toEqual(kept);

    await stack.delete(back);
    expect(parameters.list()).toEqual({});
  });

  test('that fails takes back what it had added, and the next one works', async () => {
    const resource = await stack.create('Proxy', both);
    parameters.failing.add('create /edge/routes/d');
    const documents = { b: 'B', c: 'C', d: 'D' };
    expect(await stack.updateInVain(resource, documents)).toContain(
      '/edge/routes/d: Error: refused',
    );
    expect(parameters.list()).toEqual(kept);
    parameters.failing.clear();

    const update = await stack.update(resource, documents);
    await stack.cleanUp(update);
    await stack.delete(update.after);
    expect(parameters.list()).toEqual({});
  });

  test('to another path creates the routes there, then deletes the old ones', async () => {
    const resource = await stack.create('Proxy', both);
    const update = await stack.update(resource, both, '/moved');
    expect(Object.keys(parameters.list())).toHaveLength(4);

    await stack.cleanUp(update);
    expect(parameters.list()).toEqual({ '/moved/routes/a': 'A', '/moved/routes/b': 'B' });
  });

  test('of one document writes none that exists, and looks at no other', async () => {
    const resource = await stack.create('Proxy', both);
    parameters.calls.length = 0;
    const { after } = await stack.update(resource, { a: 'A', b: 'B2' });

    expect(after.physicalId).toBe(resource.physicalId);
    expect(parameters.list()).toEqual(kept);
    expect(parameters.calls.filter((call) => call.includes(a))).toEqual([]);
  });

  test('creates what an operator has deleted only where its document is another one', async () => {
    const resource = await stack.create('Proxy', both);
    await parameters.delete(a);
    await parameters.delete(b);
    const { after } = await stack.update(resource, { a: 'A', b: 'B2' });
    expect(parameters.list()).toEqual({ [b]: 'B2' });

    await stack.update(after, { a: 'A', b: 'B2', c: 'C' });
    expect(parameters.list()).toEqual({ [b]: 'B2', '/edge/routes/c': 'C' });
  });
});

describe('what a person has written', () => {
  test('is neither claimed nor deleted', async () => {
    parameters.put(a, 'mine');
    const resource = await stack.create('Proxy', both);
    expect(parameters.tagsOf(a)).toEqual([]);

    await stack.delete(resource);
    expect(parameters.list()).toEqual({ [a]: 'mine' });
  });

  test('stays where it is an edit of what a stack created', async () => {
    const resource = await stack.create('Proxy', both);
    parameters.put(a, 'edited');
    parameters.put(b, 'edited');
    parameters.put(b, 'B');
    await stack.delete(resource);

    expect(parameters.list()).toEqual({ [a]: 'edited', [b]: 'B' });
  });

  test('stays where it came between the reading and the deletion', async () => {
    const resource = await stack.create('Proxy', { a: 'A' });
    const { readTags } = parameters;
    parameters.readTags = (name) => {
      parameters.put(name, 'edited');
      return readTags(name);
    };
    await stack.delete(resource);

    expect(parameters.list()).toEqual({ [a]: 'edited' });
  });

  test('stays where it has replaced what the stack created: a new parameter has no tags', async () => {
    const resource = await stack.create('Proxy', both);
    await parameters.delete(a);
    parameters.put(a, 'A');
    await stack.delete(resource);

    expect(parameters.list()).toEqual({ [a]: 'A' });
  });

  test('stays if its tags were removed, for any description', async () => {
    const resource = await stack.create('Proxy', both);
    for (const { Key } of parameters.tagsOf(a)) await parameters.removeTag(a, Key);
    const { after } = await stack.update(resource, { ...both, c: 'C' });
    await stack.delete(after);

    expect(parameters.list()).toEqual({ [a]: 'A', [b]: 'B' });
  });
});

test('an event that comes twice changes nothing the second time', async () => {
  const resource = await stack.create('Proxy', both);
  const tags = parameters.tagsOf(a);
  expect(await stack.create('Proxy', both)).toEqual(resource);
  expect(parameters.tagsOf(a)).toEqual(tags);

  await stack.delete(resource);
  await stack.delete(resource);
  expect(parameters.list()).toEqual({});
});

test('a route is tagged with its stack, its resource and its proxy', async () => {
  await stack.create('Proxy', both);

  expect(parameters.tagsOf(a)).toEqual([
    { Key: 'team', Value: 'edge' },
    { Key: 'countersign:proxy', Value: '/edge' },
    { Key: expect.stringMatching(/^countersign:owner:[0-9a-f]{16}$/), Value: 'shop/Proxy' },
  ]);
});

test('a resource that was never created has nothing to delete', async () => {
  const properties = { ParameterPath: '/edge', Routes: [{ Id: 'a', Value: 'A' }] };
  await stack.create('Proxy', { a: 'A' });
  await stack.delete({ logicalId: 'Proxy', physicalId: 'not-created', properties });
  expect(parameters.list()).toEqual({ [a]: 'A' });
});

test('routes for which there is no time left fail, each by its name', async () => {
  const isOver = () => parameters.calls.includes(`create ${a}`);
  const run = (event: Parameters<typeof handleEvent>[0]) =>
    handleEvent(event, { parameters, isOver, log: () => {} });
  await expect(createFakeStack(run).create('Proxy', both)).rejects.toThrow(
    `1 of 2 routes failed. ${b}: Error: there was no time left for it`,
  );
});
