import { Aws, Fn, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SigningProxy, type SigningProxyProps } from '../../lib/index.ts';
import { createApp, type Json, readRoutes, toText } from './synth-app.ts';

const functionUri = 'https://abc.lambda-url.eu-west-1.on.aws/';
const plugins = { 'aws-lambda': { function_uri: functionUri, authorization: { iam: {} } } };

function createProxy(): SigningProxy {
  const stack = new Stack(createApp(), 'Host');
  return new SigningProxy(stack, 'Proxy', { parameterPath: '/edge', snapshot: false });
}

/** For what is refused: a refusal leaves no trace in the construct. */
const refusing = createProxy();

/** The parameter and the value of the only route. */
function readCreated(proxy: SigningProxy): { readonly name: string; readonly value: Json } {
  const [route, ...others] = readRoutes(Template.fromStack(Stack.of(proxy)));
  if (!route || others.length > 0) throw new Error(`${others.length} routes too many`);
  return route;
}

test('a route is created below the path that the proxy reads, as the JSON it was given', () => {
  const proxy = createProxy();
  proxy.addRoute('hello', { uri: '/hello', plugins, desc: undefined });
  const created = readCreated(proxy);
  expect(created.name).toBe('/edge/routes/hello');
  expect(JSON.parse(toText(created.value))).toEqual({ uri: '/hello', plugins });
});

test('several routes fit in one parameter, as an array', () => {
  const proxy = createProxy();
  const routes = [
    { id: 'a', uri: '/a', plugins },
    { id: 'b', uri: '/b', plugins },
  ];
  proxy.addRoute('team', routes);
  expect(JSON.parse(toText(readCreated(proxy).value))).toEqual(routes);
});

test('a token inside a document becomes a CloudFormation intrinsic inside the JSON', () => {
  const proxy = createProxy();
  const imported = Fn.importValue('UpstreamUrl');
  proxy.addRoute('hello', { uri: '/hello', plugins: { 'aws-lambda': { function_uri: imported } } });
  expect(readCreated(proxy).value).toEqual({
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

test('a document that no parameter can hold is refused with its size', () => {
  const document = { uri: '/big', plugins, desc: 'é'.repeat(4096) };
  expect(() => refusing.addRoute('big', document)).toThrow(
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
    'Route x: at /plugins/aws-lamda: found an unknown plugin, expected one of api-breaker, ',
  ],
])('%j is refused at synth, by the schema of the runtime', (document, message) => {
  expect(() => refusing.addRoute('x', document)).toThrow(message);
});

test.each<[string, object, string]>([
  ['aws-lambda', { function_uri: functionUri, timeout: 5 }, '/timeout: found 5'],
  ['aws-lambda', { function_uri: 'https://example.com/' }, '/function_uri: found'],
  ['aws-lambda', { function_uri: functionUri, authorization: { iam: { rol: '' } } }, '/iam/rol:'],
  ['api-breaker', { break_response_code: 99 }, '/break_response_code: found 99'],
  ['key-auth', { header: 1 }, '/header: found 1'],
])('settings of %s are checked at synth, as the proxy will: %j', (plugin, settings, message) => {
  expect(() => refusing.addRoute('x', { uri: '/a', plugins: { [plugin]: settings } })).toThrow(
    new RegExp(`^Route x: at /plugins/${plugin}.*${message}`),
  );
});

test('the hosts that the proxy allows are allowed to its routes', () => {
  const stack = new Stack(createApp(), 'Host');
  const proxy = new SigningProxy(stack, 'Proxy', { allowedHosts: ['example.com'] });
  const uri = 'https://example.com/';
  proxy.addRoute('x', { uri: '/a', plugins: { 'aws-lambda': { function_uri: uri } } });
  expect(JSON.parse(toText(readCreated(proxy).value))).toMatchObject({ uri: '/a' });
});

test('limits that count in the table are for proxies that have one', () => {
  const limit = { count: 5, time_window: 60, policy: 'dynamodb' };
  const routes = { x: { uri: '/a', plugins: { 'limit-count': limit } } };
  const create = (rateLimitTable: boolean) =>
    new SigningProxy(new Stack(createApp(), 'Host'), 'Proxy', { routes, rateLimitTable });
  expect(() => create(true)).not.toThrow();
  expect(() => create(false)).toThrow(/^Route x: at \/plugins\/limit-count\/policy: .*TABLE/);
});

test('a route with the cors plugin is refused where the function URL answers for it', () => {
  const routes = { x: { uri: '/a', plugins: { ...plugins, cors: {} } } };
  const create = (props: SigningProxyProps) =>
    new SigningProxy(new Stack(createApp(), 'Host'), 'Proxy', { routes, ...props });
  expect(() => create({})).not.toThrow();
  expect(() => create({ cors: { allowedOrigins: ['*'] } })).toThrow(
    'use either the prop or the plugin cors',
  );
});

test('what the proxy would warn of is a warning of the synthesis', () => {
  const proxy = createProxy();
  proxy.addRoute('x', { uri: '/a', plugins, upstream: { nodes: {} } });
  expect(warningsOf(proxy)).toContainEqual(expect.stringMatching(/^\/edge\/routes\/x: .*upstream/));
});

test('a public URL whose cost nothing bounds is a warning of the synthesis', () => {
  const create = (props: SigningProxyProps) =>
    new SigningProxy(new Stack(createApp(), 'Host'), 'Proxy', props);
  const warning = expect.stringContaining('countersign:no-reserved-concurrency');
  expect(warningsOf(create({}))).toContainEqual(warning);
  expect(warningsOf(create({ edge: {} }))).toContainEqual(warning);
  expect(warningsOf(create({ reservedConcurrentExecutions: 20 }))).toEqual([]);
});

function warningsOf(proxy: SigningProxy): unknown[] {
  return proxy.node.metadata
    .filter(({ type }) => type === 'aws:cdk:warning')
    .map(({ data }) => data);
}

describe('values that are known only at deployment are not checked at synth', () => {
  const late = (text: string) => Fn.importValue(text);
  test.each<[string, object]>([
    ['a path', { uri: late('Path'), plugins }],
    ['a host', { uri: '/a', host: late('Host'), plugins }],
    ['an upstream', { uri: '/a', plugins: { 'aws-lambda': { function_uri: late('Url') } } }],
    [
      'part of one',
      { uri: '/a', plugins: { 'aws-lambda': { function_uri: `${late('Url')}b/c` } } },
    ],
    [
      'an API of this app',
      {
        uri: '/a',
        plugins: {
          'aws-lambda': {
            function_uri: `https://${late('Id')}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/prod/`,
          },
        },
      },
    ],
    [
      'a number',
      {
        uri: '/a',
        plugins: {
          'aws-lambda': { function_uri: functionUri, timeout: Token.asNumber(late('Timeout')) },
        },
      },
    ],
    [
      'a secret',
      {
        uri: '/a',
        plugins: {
          'aws-lambda': {
            function_uri: functionUri,
            authorization: { apikey: '$secret://ssm/key' },
          },
        },
      },
    ],
  ])('%s', (_, document) => {
    const proxy = createProxy();
    proxy.addRoute('x', document);
    expect(readCreated(proxy).name).toBe('/edge/routes/x');
  });

  test('and the rest of such a document is checked', () => {
    const wrong = { function_uri: late('Url'), timeout: 5 };
    expect(() => refusing.addRoute('x', { uri: '/a', plugins: { 'aws-lambda': wrong } })).toThrow(
      '/timeout: found 5',
    );
  });
});

describe('routes given as props', () => {
  test('are created like any other', () => {
    const stack = new Stack(createApp(), 'Host');
    new SigningProxy(stack, 'Proxy', { routes: { a: { uri: '/a' }, b: { uri: '/b' } } });
    const names = readRoutes(Template.fromStack(stack)).map(({ name }) => name);
    expect(names).toEqual(['/countersign/Host/Proxy/routes/a', '/countersign/Host/Proxy/routes/b']);
  });

  test('need a plugin that keeps someone out where that is required', () => {
    const create = (routes: Record<string, object>) =>
      new SigningProxy(new Stack(createApp(), 'Host'), 'Proxy', {
        requireAccessPlugin: true,
        routes,
      });
    expect(() => create({ x: { uri: '/a', plugins } })).toThrow(
      'Route x: at /plugins: found no plugin that refuses clients',
    );
    expect(() =>
      create({ x: { uri: '/a', plugins: { ...plugins, 'key-auth': {} } } }),
    ).not.toThrow();
  });
});

test('double braces are refused, because Parameter Store refuses them', () => {
  expect(() => refusing.addRoute('x', { uri: '/{{name}}' })).toThrow('contain "{{"');
});

describe('a document that is not JSON is refused with a pointer to the wrong value', () => {
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
    expect(() => refusing.addRoute('x', document)).toThrow(`Route x: ${message}, not JSON.`);
  });
});

test.each(['', 'a/b', 'a b', 'é'])('the id %j is refused: it is part of a name', (id) => {
  expect(() => refusing.addRoute(id, { uri: '/' })).toThrow('part of a parameter');
});

test('an id that is taken is refused', () => {
  const proxy = createProxy();
  proxy.addRoute('x', { uri: '/a' });
  expect(() => proxy.addRoute('x', { uri: '/b' })).toThrow('Route x is given twice');
});
