/** What creates routes, as it stands in a template: its resource, its function, and what its role may do. */
import { Stack, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SigningProxy } from '../../lib/index.ts';
import {
  createApp,
  findOnly,
  parameters,
  readResources,
  readRoutes,
  readStatements,
} from './synth-app.ts';

const type = 'Custom::CountersignRoutes';

function createProxy(count: number, desc = ''): SigningProxy {
  const stack = new Stack(createApp(), 'Host', { tags: { cost: 'shop' } });
  const proxy = new SigningProxy(stack, 'Proxy', { parameterPath: '/edge', snapshot: false });
  for (let id = 0; id < count; id += 1) {
    proxy.addRoute(`r${id}`, { uri: `/r${id}/*`, ...(desc && { desc }) });
  }
  return proxy;
}

const toTemplate = (proxy: SigningProxy) => Template.fromStack(Stack.of(proxy));

test('two hundred routes are one resource', () => {
  const template = toTemplate(createProxy(200));
  template.resourceCountIs(type, 1);
  expect(readRoutes(template)).toHaveLength(200);
  const { Resources } = template.toJSON();
  expect(Object.keys(Resources).length).toBe(
    Object.keys(toTemplate(createProxy(1)).toJSON()['Resources']).length,
  );
});

test('routes that are too much for one event are several resources, one after the other', () => {
  const template = toTemplate(createProxy(60, 'x'.repeat(4000)));
  expect(readRoutes(template)).toHaveLength(60);
  const resources = Object.entries(template.findResources(type));
  expect(resources.length).toBeGreaterThan(2);
  for (const [index, [, { Properties, DependsOn }]] of resources.entries()) {
    // An update has the old properties and the new ones, in an event of 256 KB.
    expect(Buffer.byteLength(JSON.stringify(Properties))).toBeLessThan(100_000);
    expect(DependsOn).toEqual(index === 0 ? undefined : [resources[index - 1]?.[0]]);
  }
});

test('what addRoute returns is the resource that creates the route', () => {
  const proxy = createProxy(1);
  expect(proxy.addRoute('own', { uri: '/own' })).toBe(proxy.addRoute('next', { uri: '/next' }));
});

test('parameters get the tags of their stack and of their proxy', () => {
  const proxy = createProxy(1);
  Tags.of(Stack.of(proxy)).add('team', 'edge');
  Tags.of(proxy).add('proxy', 'public', { includeResourceTypes: ['AWS::SSM::Parameter'] });
  const { Properties } = findOnly(toTemplate(proxy), type);
  expect(Properties).toMatchObject({
    Tags: [
      { Key: 'cost', Value: 'shop' },
      { Key: 'proxy', Value: 'public' },
      { Key: 'team', Value: 'edge' },
    ],
  });
});

test('there is one function for all routes of a proxy, and none where there are no routes', () => {
  toTemplate(createProxy(2)).resourceCountIs('AWS::Lambda::Function', 2);
  toTemplate(createProxy(0)).resourceCountIs('AWS::Lambda::Function', 1);
});

test('the function keeps its logical id: the resources of 0.1 are deleted by it', () => {
  const functions = toTemplate(createProxy(1)).findResources('AWS::Lambda::Function');
  expect(Object.keys(functions)).toContain('ProxyRoutesCreatorFunctionB86AE809');
});

test('its role may create, tag and delete routes, and never overwrite one', () => {
  const routes = [`${parameters}/edge/routes/*`];
  const statements = readStatements(toTemplate(createProxy(1)), 'ProxyRoutesCreator');
  expect(statements.map((s) => [s.Effect, s.Action, readResources(s), s.Condition])).toEqual([
    ['Allow', ['logs:CreateLogStream', 'logs:PutLogEvents'], [expect.anything()], undefined],
    [
      'Allow',
      [
        'ssm:AddTagsToResource',
        'ssm:DeleteParameter',
        'ssm:GetParameterHistory',
        'ssm:GetParameters',
        'ssm:ListTagsForResource',
        'ssm:PutParameter',
        'ssm:RemoveTagsFromResource',
      ],
      routes,
      undefined,
    ],
    [
      'Deny',
      'ssm:PutParameter',
      routes,
      {
        Null: { 'ssm:Overwrite': 'false' },
        StringNotEqualsIgnoreCase: { 'ssm:Overwrite': 'false' },
      },
    ],
  ]);
});

test.each([
  ['false', false],
  ['False', false],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['1', true],
  [undefined, false],
])('a request whose ssm:Overwrite is %s is denied: %s', (overwrite, isDenied) => {
  const [deny] = readStatements(toTemplate(createProxy(1)), 'ProxyRoutesCreator').filter(
    ({ Effect }) => Effect === 'Deny',
  );
  const { Null, StringNotEqualsIgnoreCase: differs, ...others } = Object(deny?.Condition);
  expect(others).toEqual({});
  const isPresent = Null['ssm:Overwrite'] === 'false' && overwrite !== undefined;
  const isOther = overwrite?.toLowerCase() !== differs['ssm:Overwrite'].toLowerCase();
  expect(isPresent && isOther).toBe(isDenied);
});

test('it leaves no log behind', () => {
  toTemplate(createProxy(1)).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
});
