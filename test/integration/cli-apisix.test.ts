/** `import apisix`: into Parameter Store, or into files. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign } from '../support/cli.ts';
import { type CliStore, startCliStore } from '../support/cli-store.ts';

const yaml = `
routes:
  - id: signed
    uri: /aws/*
    plugins:
      aws-lambda:
        function_uri: https://abc1234567.execute-api.us-east-1.amazonaws.com/default
        authorization:
          iam: { accesskey: AKIDEXAMPLE, secretkey: very-secret }
  - { id: broken, uri: no-slash }
consumers:
  - { username: jack, plugins: { key-auth: { key: open-sesame } } }
upstreams:
  - { id: 1, nodes: { "127.0.0.1:80": 1 } }
ssls:
  - { id: 1, cert: c, key: k }
#END
`;
let store: CliStore;
let folder: string;

beforeEach(async () => {
  store = await startCliStore();
  folder = store.folder({ 'apisix.yaml': yaml });
});

afterEach(() => store.close());

const run = (...args: string[]) =>
  countersign(store.url, ['import', 'apisix', join(folder, 'apisix.yaml'), ...args]);

it('puts what is converted, names the rest, and ends with status 1 when a document was left out', async () => {
  const { status, stderr } = await run('--yes');

  expect(status).toBe(1);
  expect(store.read('consumers/jack')?.Type).toBe('SecureString');
  expect(store.read('routes/signed')?.Value).not.toContain('secret');
  expect(store.read('routes/broken')).toBeUndefined();
  expect(stderr).toContain('routes/broken IS LEFT OUT, because it is invalid here');
  expect(stderr).toContain('/uri: found "no-slash"');
  expect(stderr).toContain('Left out: 1 of ssls');
  expect(stderr).toContain('3 documents: 1 upstream, 1 consumer, 1 route. 2 things are left out.');
});

it('refuses in the place of a route that is invalid or loses its condition, before an open route', async () => {
  const routes = [
    { id: 'lua', uri: '/admin/*', filter_func: 'function(vars) return true end' },
    { id: 'unknown', uri: '/secret/*', vars: [['graphql_name', '==', 'x']] },
    { id: 'bad', uri: 'no-slash' },
    { id: 'all', uri: '/*' },
  ];
  writeFileSync(join(folder, 'apisix.yaml'), JSON.stringify({ routes }));
  const { status, stderr } = await run('--yes');

  expect(status).toBe(1);
  for (const [id, uri] of [
    ['lua', '/admin/*'],
    ['unknown', '/secret/*'],
  ]) {
    const document = JSON.parse(store.read(`routes/${id}`)?.Value ?? '{}');
    expect(document).toEqual({ uri, plugins: { 'ip-restriction': expect.anything() } });
  }
  // The other two routes refuse every request, and take none.
  expect(stderr).toMatch(/its requests may be taken by routes\/all$/m);
});

it('names the stored routes that may take the requests of a route that is left out', async () => {
  const routes = [
    { id: 'bad', uri: 'no-slash' },
    { id: 'replaced', uri: '/replaced' },
  ];
  writeFileSync(join(folder, 'apisix.yaml'), JSON.stringify({ routes }));
  const refusing = { plugins: { 'ip-restriction': { whitelist: ['127.0.0.1/32'] } } };
  store.put('routes/all', { uri: '/*' });
  store.put('routes/list', [
    { id: 'narrow', uri: '/a' },
    { id: 'off', uri: '/*', status: 0 },
    { id: 'wide', uris: ['/b', '/b/*'] },
  ]);
  store.put('routes/refusing', { uri: '/*', ...refusing });
  store.put('routes/replaced', { uri: '/*' });
  store.put('routes/text', 'no document *');
  const { stderr } = await run('--dry-run');

  expect(stderr).toMatch(/its requests may be taken by routes\/all, routes\/list#wide$/m);
});

it('counts in the table in place of Redis when asked, and refuses otherwise', async () => {
  const limit = {
    count: 2,
    time_window: 60,
    policy: 'redis',
    redis_host: 'r',
    redis_password: 'p',
  };
  const routes = [{ id: 'limited', uri: '/a', plugins: { 'limit-count': limit } }];
  writeFileSync(join(folder, 'apisix.yaml'), JSON.stringify({ routes }));
  const { status } = await run('--yes', '--limits', 'dynamodb');
  const asked = JSON.parse(store.read('routes/limited')?.Value ?? '{}');

  expect(status).toBe(0);
  expect(asked.plugins['limit-count']).toEqual({ count: 2, time_window: 60, policy: 'dynamodb' });
  const { status: plain } = await run('--dry-run');
  expect(plain).toBe(1);
});

it('asks before it writes', async () => {
  expect((await run()).status).toBe(7);
  expect(store.calls('PutParameter')).toBe(0);
});

it('gives a script one JSON value, without a secret', async () => {
  const { stdout, stderr } = await run('--yes', '--json', '--keep-keys');

  expect(JSON.parse(stdout)).toMatchObject({
    plans: { consumers: { changes: [{ id: 'jack', version: 1 }] }, routes: { dryRun: false } },
    documents: [
      ...[
        { kind: 'upstreams', id: '1' },
        { kind: 'consumers', id: 'jack', issues: [] },
      ],
      ...[{ kind: 'routes', id: 'signed', issues: [] }, { id: 'broken' }],
    ],
    dropped: ['1 of ssls: there is no such thing here'],
  });
  expect(stdout + stderr).not.toMatch(/very-secret|open-sesame/);
  expect(store.read('routes/signed')?.Value).toContain('very-secret');
});

describe('what is invalid here', () => {
  const of = (file: object) => writeFileSync(join(folder, 'apisix.yaml'), JSON.stringify(file));
  const invalid = { 'limit-count': { count: 'many' } };

  it.each<[string, object, object]>([
    ['services', { service_id: 7 }, { hosts: ['a.example.com'] }],
    ['plugin_configs', { plugin_config_id: 7 }, {}],
    ['global_rules', {}, {}],
  ])('of %s is left out, and routes refuse in its place', async (type, parts, place) => {
    of({
      [type]: [{ id: 7, plugins: invalid, ...place }],
      routes: [{ id: 'r', uri: '/a', ...parts }],
    });
    const { status, stderr } = await run('--yes');

    expect(status).toBe(1);
    expect(stderr).toContain(`${type}/7 IS LEFT OUT, because it is invalid here`);
    expect(stderr).toContain(`${type}/7 is left out`);
    expect(store.read(`${type}/7`)).toBeUndefined();
    expect(JSON.parse(store.read('routes/r')?.Value ?? '{}')).toEqual({
      ...{ uri: '/a', plugins: { 'ip-restriction': expect.anything() } },
      ...place,
    });
  });

  it('of consumer groups is left out, with its consumers and their credentials', async () => {
    of({
      consumer_groups: [{ id: 'g', plugins: invalid }],
      consumers: [
        { username: 'jack', group_id: 'g' },
        { id: 'jack/credentials/c', plugins: { 'key-auth': { key: 'k' } } },
      ],
    });
    const { stderr } = await run('--yes');

    expect(store.calls('PutParameter')).toBe(0);
    expect(stderr).toContain('consumers/jack: consumer_groups/g is left out');
    expect(stderr).toContain('0 documents. 3 things are left out.');
  });
});

it('what is imported passes check and put, documents of every kind', async () => {
  const upstream = { id: 9, scheme: 'https', nodes: { '127.0.0.1:443': 1 } };
  const file = {
    routes: [
      { id: 'r', uri: '/a/*', service_id: 7, plugin_config_id: 'c' },
      { id: 's', uri: '/b', upstream_id: 9, timeout: { connect: 1, send: 2, read: 3 } },
    ],
    services: [{ id: 7, hosts: ['a.example.com'], upstream_id: 9, plugins: { 'key-auth': {} } }],
    plugin_configs: [{ id: 'c', desc: 'strict', plugins: { cors: {} }, create_time: 3 }],
    consumer_groups: [{ id: 'g', plugins: { 'limit-count': { count: 2, time_window: 60 } } }],
    global_rules: [{ id: 1, plugins: { 'request-id': {} } }],
    upstreams: [upstream, { id: 'x', service_name: 'x', discovery_type: 'dns' }],
    consumers: [
      { username: 'jack', group_id: 'g' },
      { id: 'jack/credentials/c', plugins: { 'key-auth': { key: 'open-sesame' } } },
    ],
  };
  writeFileSync(join(folder, 'apisix.yaml'), JSON.stringify(file));
  const out = join(folder, 'out');
  const imported = await run('--out', out);
  const env = { COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1' };
  const checked = await countersign('http://127.0.0.1:1', ['check', out], { env });

  expect(imported.stderr).toContain(
    '10 documents: 2 upstreams, 1 service, 1 plugin config, 1 consumer group, 1 global rule, 2 consumers, 2 routes.',
  );
  expect([imported.status, checked.status, checked.stdout]).toEqual([
    ...[0, 0],
    '10 documents are valid.\n',
  ]);
  expect((await countersign(store.url, ['put', out, '--yes'])).status).toBe(0);
  expect((await run('--yes')).stdout).toContain('Nothing to change.');
});

describe('--out', () => {
  it('writes files and calls nothing', async () => {
    const out = join(folder, 'out');
    await run('--out', out);

    expect(store.calls('GetParametersByPath')).toBe(0);
    expect(statSync(join(out, 'consumers', 'jack.json')).mode & 0o077).toBe(0);
    expect(existsSync(join(out, 'routes', 'broken.json'))).toBe(false);
    const put = await countersign(store.url, ['routes', 'put', join(out, 'routes'), '--yes']);
    expect(put.status).toBe(0);
  });

  it('overwrites files with other content only with --force', async () => {
    const out = join(folder, 'out');
    const file = join(out, 'routes', 'signed.json');
    await run('--out', out);
    writeFileSync(file, 'mine');

    expect((await run('--out', out)).status).toBe(4);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await run('--out', out, '--force');
    expect(readFileSync(file, 'utf8')).not.toBe('mine');
  });
});
