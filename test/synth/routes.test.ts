import { Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SigningProxy } from '../../lib/index.ts';
import { createApp, findOnly, type Json, toText } from './synth-app.ts';

const functionUri = 'https://abc.lambda-url.eu-west-1.on.aws/';
const plugins = { 'aws-lambda': { function_uri: functionUri, authorization: { iam: {} } } };

function createProxy(): SigningProxy {
  return new SigningProxy(new Stack(createApp(), 'Host'), 'Proxy', { parameterPath: '/edge' });
}

interface Parameter {
  readonly Name: string;
  readonly Tier: string;
  readonly Value: Json;
}

function readParameter(proxy: SigningProxy): Parameter {
  const template = Template.fromStack(Stack.of(proxy));
  return findOnly(template, 'AWS::SSM::Parameter').Properties as unknown as Parameter;
}

test('a route becomes a parameter below the path that the proxy reads, as the JSON it was given', () => {
  const proxy = createProxy();
  proxy.addRoute('hello', { uri: '/hello', plugins, desc: undefined });
  const parameter = readParameter(proxy);
  expect(parameter).toMatchObject({ Name: '/edge/routes/hello', Type: 'String' });
  expect(JSON.parse(toText(parameter.Value))).toEqual({ uri: '/hello', plugins });
});

test('several routes fit in one parameter, as an array', () => {
  const proxy = createProxy();
  const routes = [
    { id: 'a', uri: '/a', plugins },
    { id: 'b', uri: '/b', plugins },
  ];
  proxy.addRoute('team', routes);
  expect(JSON.parse(toText(readParameter(proxy).Value))).toEqual(routes);
});

test('a token inside a document becomes a CloudFormation intrinsic inside the JSON', () => {
  const proxy = createProxy();
  const imported = Fn.importValue('UpstreamUrl');
  proxy.addRoute('hello', { uri: '/hello', plugins: { 'aws-lambda': { function_uri: imported } } });
  expect(readParameter(proxy).Value).toEqual({
    'Fn::Join': [
      '',
      [
        '{"uri":"/hello","plugins":{"aws-lambda":{"function_uri":"',
        { 'Fn::ImportValue': 'UpstreamUrl' },
        '"}}}',
      ],
    ],
  });
});

test('a document may outgrow the standard tier and shrink again without failing a deployment', () => {
  const proxy = createProxy();
  proxy.addRoute('big', { uri: '/big', plugins, desc: 'x'.repeat(6000) });
  expect(readParameter(proxy)).toMatchObject({ Tier: 'Intelligent-Tiering' });
});

test('a document that no parameter can hold is refused with its size', () => {
  const document = { uri: '/big', plugins, desc: 'é'.repeat(4096) };
  expect(() => createProxy().addRoute('big', document)).toThrow(
    /Route big takes \d+ bytes; a parameter holds 8192/,
  );
});

test.each<[object, string]>([
  [{ uri: 'hello' }, 'Route x: at /uri: found "hello"'],
  [{ plugins }, 'uri'],
  [{ uri: '/a', url: '/b' }, '/url: found an unknown field'],
  [
    [
      { id: 'a', uri: '/a' },
      { id: 'b', uri: '/b', status: 2 },
    ],
    '/status: found 2',
  ],
  [
    { uri: '/a', plugins: { 'aws-lamda': {} } },
    'no plugin aws-lamda; known are api-breaker, aws-lambda',
  ],
])('%j is refused at synth, by the schema of the runtime', (document, message) => {
  expect(() => createProxy().addRoute('x', document)).toThrow(message);
});

test('a path that is known only at deployment is left to the runtime to check', () => {
  const proxy = createProxy();
  proxy.addRoute('x', { uri: Fn.importValue('Path'), plugins });
  expect(readParameter(proxy).Value).toMatchObject({ 'Fn::Join': expect.anything() });
});

test('double braces are refused, because Parameter Store refuses them', () => {
  expect(() => createProxy().addRoute('x', { uri: '/{{name}}' })).toThrow('contain "{{"');
});

describe('a document that is not JSON is refused with a pointer to what is wrong', () => {
  const cyclic: { self?: object } = {};
  cyclic.self = cyclic;
  test.each<[object, string]>([
    [{ plugins: { 'limit-count': { count: Number.NaN } } }, '/plugins/limit-count/count is NaN'],
    [{ 'a/b~c': () => 1 }, '/a~1b~0c is of type function'],
    [{ vars: [undefined] }, '/vars/0 is of type undefined'],
    [{ labels: new Map() }, '/labels is an instance of Map'],
    [{ priority: 1n }, '/priority is of type bigint'],
    [cyclic, '/self is a reference to its own parent'],
    [new Date(0), 'the document is an instance of Date'],
  ])('%# %p', (document, message) => {
    expect(() => createProxy().addRoute('x', document)).toThrow(`Route x: ${message}, not JSON.`);
  });
});

test.each(['', 'a/b', 'a b', 'é'])('the id %j is refused: it is part of a name', (id) => {
  expect(() => createProxy().addRoute(id, { uri: '/' })).toThrow('part of a parameter');
});
