import { plugins } from '../../functions/proxy/plugins/registry.ts';
import { compile, documentOf, issuesOf, lambdaDocument } from '../support/documents.ts';

const without = (field: string) =>
  Object.fromEntries(Object.entries(documentOf()).filter(([key]) => key !== field));

const known =
  'no such field; known are id, name, desc, labels, uri, uris, host, hosts, methods, priority, status, vars, remote_addr, remote_addrs, retries, retry_timeout, timeout, plugins, service_id, plugin_config_id, enable_websocket, upstream, upstream_id, create_time, update_time, $schema';
const badHost = 'a host name without port, with an optional `*.` in front';
const badId = '1 to 64 letters, digits, `_`, `.` or `-`';
const badMethod =
  'one of GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS, TRACE, PURGE (CONNECT asks for a tunnel, which is never forwarded)';

test.each<[string, unknown, string, string, string]>([
  ['null', null, '', 'null', 'an object'],
  ['a number', 7, '', '7', 'an object'],
  ['an array of numbers', [7], '/0', '7', 'an object'],
  ['no uri', without('uri'), '', 'an object', 'the field uri, or uris'],
  ['uri and uris', documentOf({ uris: ['/a'] }), '', 'an object', 'uri or uris, not both'],
  [
    'host and hosts',
    documentOf({ host: 'a', hosts: ['b'] }),
    '',
    'an object',
    'host or hosts, not both',
  ],
  ['a uri that is a number', documentOf({ uri: 7 }), '/uri', '7', 'a string'],
  ['a relative uri', documentOf({ uri: 'a' }), '/uri', '"a"', 'a path that begins with /'],
  ['uris that are no array', { ...without('uri'), uris: '/a' }, '/uris', 'a string', 'an array'],
  ['empty uris', { ...without('uri'), uris: [] }, '/uris', 'an empty array', 'at least one path'],
  [
    'a wrong one of uris',
    { ...without('uri'), uris: ['/a', '/b*c'] },
    '/uris/1',
    '"/b*c"',
    'a path with * at its very end only',
  ],
  [
    'a host with a port',
    documentOf({ host: 'a.example.com:80' }),
    '/host',
    '"a.example.com:80"',
    badHost,
  ],
  ['a host with a star inside', documentOf({ host: 'a.*.com' }), '/host', '"a.*.com"', badHost],
  ['an empty host', documentOf({ host: '' }), '/host', '""', badHost],
  ['empty hosts', documentOf({ hosts: [] }), '/hosts', 'an empty array', 'at least one host'],
  [
    'a wrong one of hosts',
    documentOf({ hosts: ['a', 'http://b'] }),
    '/hosts/1',
    '"http://b"',
    badHost,
  ],
  [
    'empty methods',
    documentOf({ methods: [] }),
    '/methods',
    'an empty array',
    'at least one method',
  ],
  [
    'a method in lower case',
    documentOf({ methods: ['GET', 'post'] }),
    '/methods/1',
    '"post"',
    badMethod,
  ],
  ['methods that are no array', documentOf({ methods: 'GET' }), '/methods', 'a string', 'an array'],
  ['a priority that is a string', documentOf({ priority: '1' }), '/priority', '"1"', 'a number'],
  [
    'a priority with a fraction',
    documentOf({ priority: 1.5 }),
    '/priority',
    '1.5',
    'a whole number',
  ],
  ['a status of 2', documentOf({ status: 2 }), '/status', '2', '1 (on) or 0 (off)'],
  ['a status of true', documentOf({ status: true }), '/status', 'true', '1 (on) or 0 (off)'],
  ['an id with a slash', documentOf({ id: 'a/b' }), '/id', '"a/b"', badId],
  ['an empty id', documentOf({ id: '' }), '/id', '""', badId],
  [
    'an id of 65 characters',
    documentOf({ id: 'a'.repeat(65) }),
    '/id',
    `"${'a'.repeat(65)}"`,
    badId,
  ],
  ['an id that is an object', documentOf({ id: {} }), '/id', 'an object', 'a string or a number'],
  ['a name that is null', documentOf({ name: null }), '/name', 'null', 'a string'],
  ['a desc that is a list', documentOf({ desc: ['x'] }), '/desc', 'an array', 'a string'],
  ['labels that are a list', documentOf({ labels: [] }), '/labels', 'an empty array', 'an object'],
  [
    'a label that is a number',
    documentOf({ labels: { 'a/b~c': 1 } }),
    '/labels/a~1b~0c',
    '1',
    'a string',
  ],
  [
    'plugins that are a list',
    documentOf({ plugins: [] }),
    '/plugins',
    'an empty array',
    'an object',
  ],
  [
    'a plugin that is true',
    documentOf({ plugins: { 'aws-lambda': true } }),
    '/plugins/aws-lambda',
    'true',
    'an object',
  ],
  [
    'an upstream that is a string',
    documentOf({ upstream: 'x' }),
    '/upstream',
    'a string',
    'an object',
  ],
  [
    'a create_time that is a string',
    documentOf({ create_time: 'x' }),
    '/create_time',
    '"x"',
    'a number',
  ],
  [
    'an update_time that is a string',
    documentOf({ update_time: 'x' }),
    '/update_time',
    '"x"',
    'a number',
  ],
  ['a misspelt field', documentOf({ prioritty: 1 }), '/prioritty', 'an unknown field', known],
  [
    'an APISIX field that does not exist here',
    documentOf({ filter_func: 'x' }),
    '/filter_func',
    '"x"',
    'no function of Lua: vars has conditions on requests',
  ],
  [
    'the field __proto__',
    JSON.parse('{"uri":"/a","__proto__":{"x":1}}'),
    '/__proto__',
    'an unknown field',
    'no such field',
  ],
  [
    'an unknown plugin',
    documentOf({ plugins: { 'key-oath': {} } }),
    '/plugins/key-oath',
    'an unknown plugin',
    `one of ${Object.keys(plugins).join(', ')}`,
  ],
  [
    'a plugin named constructor',
    documentOf({ plugins: { constructor: {} } }),
    '/plugins/constructor',
    'an unknown field',
    'no such field',
  ],
  [
    'a _meta field that does not exist here',
    lambdaDocument({ _meta: { priority: 1 }, function_uri: 'x' }),
    '/plugins/aws-lambda/_meta/priority',
    'an unknown field',
    'no such field; known are disable',
  ],
  [
    'a disable that is a string',
    lambdaDocument({ _meta: { disable: 'no' } }),
    '/plugins/aws-lambda/_meta/disable',
    '"no"',
    'true or false',
  ],
  [
    'a _meta that is null',
    lambdaDocument({ _meta: null, function_uri: 'x' }),
    '/plugins/aws-lambda/_meta',
    'null',
    'an object',
  ],
  [
    'a wrong second route',
    [documentOf({ id: 'a' }), documentOf({ id: 'b', uri: 7 })],
    '/1/uri',
    '7',
    'a string',
  ],
])(
  'a document with %s is refused with pointer, found and expected',
  async (_, document, pointer, found, expected) => {
    expect((await issuesOf(document))[0]).toEqual({ pointer, found, expected });
  },
);

test('a plugin named __proto__ is unknown, not overlooked', async () => {
  const plugins = JSON.parse('{"__proto__":{"function_uri":"x"}}') as unknown;
  expect((await issuesOf(documentOf({ plugins })))[0]).toMatchObject({
    pointer: '/plugins/__proto__',
  });
});

test('a plugin attribute named constructor is unknown, not overlooked', async () => {
  const document = lambdaDocument({ function_uri: 'x', constructor: 'y' });
  expect((await issuesOf(document))[0]).toMatchObject({
    pointer: '/plugins/aws-lambda/constructor',
    found: 'an unknown field',
  });
});

test('every mistake is named', async () => {
  // Prepare
  const wrong = { name: 1, desc: 2, labels: 3, priority: 'x', status: 9, uri: 7, methods: 1 };

  // Act
  const issues = await issuesOf(documentOf(wrong));

  // Assess
  expect(issues).toHaveLength(7);
});

test.each([
  [
    'every field',
    {
      id: 'a',
      name: 'n',
      desc: 'd',
      labels: { k: 'v' },
      host: 'h',
      methods: ['GET'],
      priority: -3,
      status: 1,
      create_time: 1,
      update_time: 2,
    },
  ],
  ['an id that is a number', { id: 1 }],
  ['upper-case hosts', { hosts: ['*.Example.COM', 'X.example.com'] }],
  ['no plugins', { plugins: {} }],
])('a document with %s is accepted', async (_, parts) => {
  expect((await compile(documentOf(parts))).routes).toHaveLength(1);
});
