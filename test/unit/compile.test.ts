import * as v from 'valibot';
import { definePlugin } from '../../functions/proxy/plugins/plugin.ts';
import type { PluginRegistry } from '../../functions/proxy/plugins/registry.ts';
import { rejectionOf, toExchange, toResponse } from '../support/builders.ts';
import {
  compile,
  documentOf,
  functionUri,
  issuesOf,
  lambdaDocument,
} from '../support/documents.ts';

test('one object is one route with the last part of the parameter name for its id', async () => {
  const { routes, warnings, substituted } = await compile(documentOf());
  expect(routes).toEqual([
    expect.objectContaining({
      id: 'hello',
      parameter: '/countersign/test/routes/hello',
      hosts: [''],
      methods: undefined,
      priority: 0,
    }),
  ]);
  expect({ warnings, substituted }).toEqual({ warnings: [], substituted: [] });
});

test('an id that is a number is its digits', async () => {
  expect((await compile(documentOf({ id: 17 }))).routes[0]?.id).toBe('17');
});

test('hosts are compared in lower case and repeated ones count once', async () => {
  const { routes } = await compile(
    documentOf({ hosts: ['A.example.com', '*.Example.com', 'a.example.com'] }),
  );
  expect(routes[0]?.hosts).toEqual(['a.example.com', '*.example.com']);
});

test('an array is as many routes, each with its own id', async () => {
  const { routes } = await compile([documentOf({ id: 'a' }), documentOf({ id: 'b' })]);
  expect(routes.map(({ id }) => id)).toEqual(['a', 'b']);
});

test('an empty array is no routes', async () => {
  expect((await compile([])).routes).toEqual([]);
});

test.each<[string, unknown[], string, string]>([
  ['without an id', [documentOf({ id: 'a' }), documentOf()], '/1/id', 'nothing'],
  ['with an id twice', [documentOf({ id: 'a' }), documentOf({ id: 'a' })], '/1/id', '"a"'],
  [
    'with the id of a disabled route',
    [documentOf({ id: 'a', status: 0 }), documentOf({ id: 'a' })],
    '/1/id',
    '"a"',
  ],
  [
    'with one id as number and as string',
    [documentOf({ id: 1 }), documentOf({ id: '1' })],
    '/1/id',
    '"1"',
  ],
])('an array with a route %s is refused as a whole', async (_, document, pointer, found) => {
  expect(await issuesOf(document)).toEqual([
    { pointer, found, expected: 'an id of its own for each route of an array' },
  ]);
});

test('a disabled route does not exist, but it must be valid', async () => {
  expect((await compile(documentOf({ status: 0 }))).routes).toEqual([]);
  expect(await issuesOf(documentOf({ status: 0, plugins: { none: {} } }))).toHaveLength(1);
});

test('a route without plugins answers 503 with a time to try again', async () => {
  const { routes } = await compile(documentOf({ plugins: {} }));
  expect(await rejectionOf(routes[0]?.handle(toExchange()) ?? Promise.resolve())).toMatchObject({
    code: 'NO_UPSTREAM',
    headers: { 'retry-after': '10' },
  });
});

test('_meta.disable takes a plugin off the route', async () => {
  const config = { function_uri: functionUri, _meta: { disable: true } };
  const { routes } = await compile(lambdaDocument(config));
  expect(await rejectionOf(routes[0]?.handle(toExchange()) ?? Promise.resolve())).toMatchObject({
    code: 'NO_UPSTREAM',
  });
});

test('a disabled plugin is checked all the same, so that switching it on is safe', async () => {
  const issues = await issuesOf(lambdaDocument({ function_uri: 'x', _meta: { disable: true } }));
  expect(issues[0]?.pointer).toBe('/plugins/aws-lambda/function_uri');
});

test('an upstream whose nodes may not be called is accepted, with a warning that says why they are not', async () => {
  const upstream = { type: 'roundrobin', nodes: { '127.0.0.1:1980': 1 } };
  const { warnings, pools } = await compile(documentOf({ plugins: {}, upstream }));
  expect(warnings).toEqual([expect.stringContaining('node 127.0.0.1:1980 is not called: http:')]);
  expect(pools).toEqual([]);
});

test('references are resolved before the plugin sees its configuration', async () => {
  const config = {
    function_uri: '$env://COUNTERSIGN_VAR_URL',
    authorization: { apikey: '$secret://ssm/key' },
  };
  const { substituted } = await compile(lambdaDocument(config), {
    secrets: { key: 'the-key' },
    variables: { COUNTERSIGN_VAR_URL: functionUri },
  });
  expect([...substituted].sort()).toEqual([functionUri, 'the-key'].sort());
});

test('plugins run in the order of their priority, the higher one further outside', async () => {
  // Prepare
  const plugin = (name: string, priority: number) =>
    definePlugin({
      name,
      priority,
      schema: v.object({}),
      create: () => async (exchange, next) => {
        const response = await next(exchange);
        return { ...response, headers: [...response.headers, ['x-order', name]] };
      },
    });
  const answer = definePlugin({
    name: 'answer',
    priority: -10,
    schema: v.object({}),
    create: () => async () => toResponse({ status: 218 }),
  });
  const registry: PluginRegistry = {
    low: async () => plugin('low', 1),
    high: async () => plugin('high', 2000),
    answer: async () => answer,
  };

  // Act
  const document = documentOf({ plugins: { answer: {}, low: {}, high: {} } });
  const { routes } = await compile(document, { registry });
  const response = await routes[0]?.handle(toExchange());

  // Assess
  expect(response).toMatchObject({
    status: 218,
    headers: [
      ['x-order', 'low'],
      ['x-order', 'high'],
    ],
  });
});

test.each([
  ['a plugin that is switched off', { _meta: { disable: true } }, {}],
  ['a route that is switched off', {}, { status: 0 }],
])('%s holds no connections', async (_, plugin, route) => {
  const { pools } = await compile(
    documentOf({
      ...route,
      plugins: { 'aws-lambda': { function_uri: functionUri, ...plugin } },
    }),
  );

  expect(pools).toEqual([]);
});
