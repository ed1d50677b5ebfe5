/** From 0.1, whose function had a resource for each route and put no tags on them. */

import { handleEvent } from '../../functions/create-route/handler.ts';
import {
  descriptionOfVersion01,
  toPhysicalIdOfVersion01,
} from '../../functions/create-route/owner-tag.ts';
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

beforeEach(() => {
  parameters = createFakeRouteParameters();
  const options = {
    parameters,
    isOver: () => false,
    log: () => {},
  };
  stack = createFakeStack((event) => handleEvent(event, options));
});

const kept = { [a]: 'A', [b]: 'B' };

describe('the resources of 0.1, one for each route and without tags', () => {
  const old = (id: string, value: string, name = `/edge/routes/${id}`) => ({
    logicalId: id,
    physicalId: toPhysicalIdOfVersion01(name, value),
    properties: { Name: name, Value: 'the document of today' },
  });

  beforeEach(() => {
    parameters.put(a, 'A', descriptionOfVersion01);
    parameters.put(b, 'B', descriptionOfVersion01);
  });

  test('are deleted after an upgrade, and their routes stay', async () => {
    const resource = await stack.create('Proxy', both);
    await stack.delete(old('a', 'A'));
    await stack.delete(old('b', 'B'));
    expect(parameters.list()).toEqual(kept);

    await stack.delete(resource);
    expect(parameters.list()).toEqual({});
  });

  test('keep their routes where the upgrade is rolled back, and at the next one', async () => {
    await stack.delete(await stack.create('Proxy', both));
    expect(parameters.list()).toEqual(kept);

    await stack.create('Proxy', both);
    await stack.delete(old('a', 'A'));
    await stack.delete(old('b', 'B'));
    expect(parameters.list()).toEqual(kept);
  });

  test('take a route with them that has left the app with the upgrade', async () => {
    await stack.create('Proxy', { a: 'A' });
    await stack.delete(old('a', 'A'));
    await stack.delete(old('b', 'B'));

    expect(parameters.list()).toEqual({ [a]: 'A' });
  });

  test('give up a route whose owners an operator has taken off', async () => {
    const resource = await stack.create('Proxy', both);
    await stack.delete(old('a', 'A'));
    expect(parameters.tagsOf(a)).toContainEqual({ Key: 'team', Value: 'edge' });
    for (const { Key } of parameters.tagsOf(a)) {
      if (Key.startsWith('countersign:owner:')) await parameters.removeTag(a, Key);
    }
    const { after } = await stack.update(resource, { ...both, c: 'C' });
    await stack.delete(after);
    expect(parameters.list()).toHaveProperty([a], 'A');
  });

  test('leave what was edited, and what was there before them', async () => {
    parameters.put(a, 'edited');
    await stack.delete(old('a', 'A'));
    await stack.delete(old('b', 'other'));

    expect(parameters.list()).toEqual({ [a]: 'edited', [b]: 'B' });
  });
});
