/** What is converted from Apache APISIX, and what is left out. */
import { convertApisix } from '../../cli/apisix/convert.ts';
import { parseApisix } from '../../cli/apisix/read.ts';
import { convert, convertOne, lambda, route, uri } from '../support/converted.ts';

const keys = { accesskey: 'AKIDEXAMPLE', secretkey: 'very-secret', aws_region: 'us-east-1' };

describe('the forms that are read', () => {
  const yaml = `
routes:
  - id: 1
    uri: /a
    plugins:
      aws-lambda: { function_uri: "${uri}", authorization: {} }
#END
`;
  const entry = { key: '/apisix/routes/1', value: route, createdIndex: 3, modifiedIndex: 9 };

  it.each<[string, string]>([
    ['standalone YAML', yaml],
    ['standalone JSON', JSON.stringify({ routes: [route] })],
    ['a list of version 3', JSON.stringify({ total: 1, list: [entry] })],
    ['one of version 3', JSON.stringify(entry)],
    ['a list of version 2', JSON.stringify({ node: { dir: true, nodes: [entry] }, count: '1' })],
    ['one of version 2', JSON.stringify({ node: entry, action: 'get' })],
    ['several answers in an array', JSON.stringify([{ list: [entry] }, { list: [] }])],
    ['bare routes', JSON.stringify([route])],
    [
      'an answer whose id is in its key',
      JSON.stringify({ ...entry, value: { ...route, id: undefined } }),
    ],
  ])('%s', (_, text) => {
    const { documents } = convertApisix(parseApisix(text, 'dump'), { keepKeys: false });

    expect(documents).toMatchObject([
      { kind: 'routes', id: '1', document: { uri: '/a', plugins: lambda() }, remarks: [] },
    ]);
  });

  it.each(['', '[]', '"text"', 'routes: [', '{"a": 1}'])('%j contains nothing', (text) => {
    expect(() => parseApisix(text, 'dump')).toThrow(
      /contains no APISIX resources|dump:1:\d+: neither/,
    );
  });

  it('are not quoted in errors: they may hold keys', () => {
    expect(() => parseApisix('key: "very-secret', 'dump')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('very-secret') }),
    );
  });
});

describe('static keys', () => {
  it('make way for the role that signs', () => {
    const { document, remarks } = convertOne({ plugins: lambda({ iam: keys }) });

    expect(document['plugins']).toEqual(lambda({ iam: { aws_region: 'us-east-1' } }));
    expect(remarks.join()).toContain('the proxy’s role signs');
    expect(remarks.join()).not.toContain('very-secret');
  });

  it('stay when they are asked for', () => {
    const { document, remarks } = convertOne({ plugins: lambda({ iam: keys }) }, {}, true);

    expect(document['plugins']).toEqual(lambda({ iam: keys }));
    expect(remarks.join()).toContain('static keys stay');
  });
});

describe('the conditions of a route', () => {
  it.each([
    { vars: [['arg_x', '==', '1']] },
    { remote_addr: '10.0.0.1' },
    { remote_addrs: ['10.0.0.0/8'] },
  ])('are carried over: %j', (parts) => {
    const { document, remarks } = convertOne(parts);

    expect(document).toMatchObject(parts);
    expect(document).not.toHaveProperty('status');
    expect(remarks).toEqual([]);
  });
});

const refusal = { 'ip-restriction': { whitelist: ['127.0.0.1/32'] } };

describe('a route that would let through more than it did', () => {
  it.each([
    ['an access plugin that there is not', { plugins: { ...lambda(), 'wolf-rbac': {} } }],
    ['a Lua filter', { filter_func: 'function(vars) return true end' }],
    ['a script by its id', { script_id: '7' }],
    ['a field that nobody knows here', { only_from: '10.0.0.0/8' }],
    ['a service that is not in the file', { service_id: 'nope' }],
    ['a plugin config that is not in the file', { plugin_config_id: 'nope' }],
    ['a filter of a plugin', { plugins: { 'key-auth': { _meta: { filter: [] } }, ...lambda() } }],
  ])('refuses every request, and says why: it loses %s', (_, parts) => {
    const { document, remarks } = convertOne(parts);

    expect(document['plugins']).toEqual(refusal);
    expect(document).not.toHaveProperty('status');
    expect(remarks.join()).toContain('refuses every request until you have looked at it');
  });

  it.each([
    ['what only watches', { plugins: { ...lambda(), prometheus: {}, 'http-logger': {} } }],
    [
      'what was switched off',
      { plugins: { ...lambda(), 'wolf-rbac': { _meta: { disable: true } } } },
    ],
    ['fields for its upstream', { upstream_id: 1, timeout: { read: 6 }, enable_websocket: true }],
  ])('is not one that loses %s', (_, parts) => {
    const { document, remarks } = convertOne(parts);

    expect(document['status']).toBeUndefined();
    expect(remarks.length).toBeGreaterThan(0);
  });
});

describe('client certificates that APISIX asks for', () => {
  const mutual = (snis: readonly string[], parts: object = {}) => ({
    snis,
    cert: 'c',
    key: 'k',
    client: { ca: 'ca', depth: 2 },
    ...parts,
  });

  it.each<[string, object, object, boolean]>([
    ['of its host', { host: 'a.example.com' }, { ssls: [mutual(['A.example.com'])] }, true],
    ['of a wildcard', { hosts: ['a.example.com'] }, { ssls: [mutual(['*.example.com'])] }, true],
    [
      'below its wildcard',
      { hosts: ['*.example.com'] },
      { ssls: [mutual(['a.example.com'])] },
      true,
    ],
    ['of a route for all hosts', {}, { ssls: [mutual(['a.example.com'])] }, true],
    ['by one name', {}, { ssl: [mutual([], { snis: undefined, sni: 'a.example.com' })] }, true],
    ['of another host', { host: 'b.example.com' }, { ssls: [mutual(['a.example.com'])] }, false],
    ['that are switched off', {}, { ssls: [mutual(['a.example.com'], { status: 0 })] }, false],
    ['of none', {}, { ssls: [mutual(['a.example.com'], { client: undefined })] }, false],
  ])('%s', (_, parts, others, refuses) => {
    const { document, remarks } = convertOne(parts, others);

    const isRefusing = 'ip-restriction' in Object(document['plugins']);
    expect([isRefusing, /need no certificate here/.test(remarks.join())]).toEqual([
      refuses,
      refuses,
    ]);
  });

  it('of the hosts of its service', () => {
    const { document } = convertOne(
      { service_id: 7 },
      { services: [{ id: 7, hosts: ['b.example.com'] }], ssls: [mutual(['a.example.com'])] },
    );

    expect(document['plugins']).not.toHaveProperty('ip-restriction');
  });
});

it('a route without aws-lambda says what it will answer', () => {
  expect(convertOne({ plugins: {}, upstream_id: 1 }).remarks.join()).toContain('503 NO_UPSTREAM');
});

it.each<[string, object]>([
  [
    'the Admin API',
    {
      list: [
        { key: '/apisix/consumers/jack', value: { username: 'jack', vault: 'v' } },
        {
          key: '/apisix/consumers/jack/credentials/c',
          value: { plugins: { 'key-auth': { key: 'k' } } },
        },
      ],
    },
  ],
  [
    'the standalone mode',
    {
      consumers: [
        { username: 'jack', vault: 'v' },
        { id: 'jack/credentials/c', plugins: { 'key-auth': { key: 'k' } } },
      ],
    },
  ],
])('the credentials of a consumer, from %s, are documents of their own', (_, file) => {
  expect(convert(file).documents).toMatchObject([
    {
      kind: 'consumers',
      id: 'jack',
      document: { username: 'jack', plugins: {} },
      remarks: ['vault is left out: there is no such field here'],
    },
    {
      kind: 'consumers',
      id: 'jack/credentials/c',
      document: { plugins: { 'key-auth': { key: 'k' } } },
    },
  ]);
});

it('names that Parameter Store does not take are changed, and stay different', () => {
  const { documents } = convert({
    routes: [{ ...route, id: 'a b' }, { ...route, id: 'a/b' }, { uri: '/x' }],
  });

  expect(documents.map(({ id }) => id)).toEqual(['a-b', 'a-b-2', 'route-3']);
});

it('unsupported resources are named', () => {
  expect(convert({ routes: [route], ssls: [{}], stream_routes: [{}, {}] }).dropped).toEqual([
    '1 of ssls: there is no such thing here',
    '2 of stream_routes: there is no such thing here',
  ]);
});
