/** Documents that are well-formed and lack something: they fail closed, in warm and fresh environments alike. */
import { type PluginRegistry, plugins } from '../../functions/proxy/plugins/registry.ts';
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { rejectionOf, toExchange, toRequest } from '../support/builders.ts';
import { compileAnyway, functionUri } from '../support/documents.ts';
import { createTableRig, invalidLines, root, routeIdFor } from '../support/table-rig.ts';

const name = `${root}/routes/a`;
const lambda = { 'aws-lambda': { function_uri: functionUri } };
const route = (uri: string, plugins: object = {}) => ({ uri, plugins: { ...plugins, ...lambda } });
const webhook = (secret: string) => ({ 'webhook-auth': { preset: 'github', secrets: [secret] } });

/** The code that a route answers to a request that nobody has authenticated. */
async function answerOf(table: RouteTable, path: string): Promise<string> {
  const request = toRequest({ path });
  const { route: matched } = table.matcher.match(request);
  const error = await rejectionOf(matched.handle(toExchange({ request })));
  return (error as { readonly code: string }).code;
}

test.each([
  ['a secret that is gone', webhook('$secret://ssm/gone'), '/plugins/webhook-auth/secrets/0'],
  ['an absolute one', webhook('$secret://ssm//shared/gone'), '/plugins/webhook-auth/secrets/0'],
  ['a variable', webhook('$env://COUNTERSIGN_VAR_GONE'), '/plugins/webhook-auth/secrets/0'],
  ['another secret manager', webhook('$secret://vault/1/hook'), '/plugins/webhook-auth/secrets/0'],
  [
    'a table to count in',
    { 'limit-count': { count: 1, time_window: 60, policy: 'dynamodb' } },
    '/plugins/limit-count/policy',
  ],
  [
    'a table for limit-req',
    { 'limit-req': { rate: 1, burst: 0, key: 'remote_addr', policy: 'dynamodb' } },
    '/plugins/limit-req/policy',
  ],
  [
    'a host that the operator allows',
    { 'forward-auth': { uri: 'https://10.0.0.1/check' } },
    '/plugins/forward-auth/uri',
  ],
  [
    'a reference to it',
    { 'forward-auth': { uri: '$secret://ssm/authorizer' } },
    '/plugins/forward-auth/uri',
  ],
])(
  'without %s a route answers 503, warm and fresh, and no older version comes back',
  async (_, plugins, pointer) => {
    // Prepare
    const { store, load, createLoad, log } = createTableRig();
    store.put(name, route('/a'));
    const first = await load(undefined);

    // Act
    store.put(name, route('/a', plugins));
    const warm = await load(first);
    const fresh = await createLoad()(undefined);

    // Assess
    for (const table of [warm, fresh]) {
      expect(await answerOf(table, '/a')).toBe('ROUTES_UNAVAILABLE');
      expect(table.invalidDocuments).toBe(1);
      expect(table.pools.size).toBe(0);
    }
    expect(warm.version).toBe(fresh.version);
    expect(invalidLines(log)[0]).toMatchObject({
      message: 'a document cannot be fulfilled; route a answers 503',
      fields: {
        parameter: name,
        version: 2,
        fault: 'unfulfilled',
        inForce: null,
        issues: [{ pointer, isUnfulfilled: true }],
        unavailableRoutes: ['a'],
      },
    });
    expect(JSON.stringify(log.lines)).not.toContain('stays in force');
  },
);

test('a secret whose value cannot be used is missing as well', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(`${root}/secrets/hook`, 'whsec_!');
  store.put(name, route('/a'));
  const plugins = {
    'webhook-auth': { preset: 'standard-webhooks', secrets: ['$secret://ssm/hook'] },
  };

  // Act
  store.put(name, route('/a', plugins));
  const table = await load(undefined);

  // Assess
  expect(await answerOf(table, '/a')).toBe('ROUTES_UNAVAILABLE');
});

test('a secret that is deleted ends what depended on it, and its return brings that back', async () => {
  // Prepare
  const { store, load, createLoad, log } = createTableRig();
  const secret = `${root}/secrets/hook`;
  store.put(secret, 's3cret');
  store.put(name, route('/a', webhook('$secret://ssm/hook')));
  const first = await load(undefined);

  // Act
  store.remove(secret);
  const without = await load(first);
  store.put(`${root}/routes/b`, route('/b'));
  const still = await load(without);
  store.put(secret, 's3cret');
  const back = await load(still);
  const fresh = await createLoad()(undefined);
  store.remove(secret);
  await load(back);

  // Assess
  const answers = [];
  for (const table of [first, without, still, back, fresh]) {
    answers.push(await answerOf(table, '/a'));
  }
  const [guarded, gone] = ['UNAUTHENTICATED', 'ROUTES_UNAVAILABLE'];
  expect(answers).toEqual([guarded, gone, gone, guarded, guarded]);
  expect(back.invalidDocuments).toBe(0);
  expect(back.version).toBe(fresh.version);
  // Once for each time that it was gone.
  expect(invalidLines(log)).toHaveLength(2);
});

test('in an array only the route that lacks something answers 503', async () => {
  // Prepare
  const { store, load, log } = createTableRig();
  store.put(name, [
    { id: 'well', ...route('/well', { 'key-auth': {} }) },
    { id: 'ill', ...route('/ill', webhook('$secret://ssm/gone')) },
  ]);

  // Act
  const table = await load(undefined);

  // Assess
  expect(await answerOf(table, '/well')).toBe('UNAUTHENTICATED');
  expect(await answerOf(table, '/ill')).toBe('ROUTES_UNAVAILABLE');
  expect(invalidLines(log)[0]).toMatchObject({
    message: 'a document cannot be fulfilled; route ill answers 503; the rest is in force',
    fields: { inForce: 1, issues: [{ pointer: '/1/plugins/webhook-auth/secrets/0' }] },
  });
});

test('a route that lacks something keeps its paths from other routes', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(`${root}/routes/all`, route('/*', { 'key-auth': {} }));
  store.put(name, {
    ...route('/admin/*', webhook('$secret://ssm/gone')),
    methods: ['GET'],
  });

  // Act
  const table = await load(undefined);

  // Assess
  expect(routeIdFor(table, '/admin/x')).toBe('a');
  expect(await answerOf(table, '/admin/x')).toBe('ROUTES_UNAVAILABLE');
  expect(await answerOf(table, '/other')).toBe('UNAUTHENTICATED');
});

test('a version that lacks something is what stays in force of a newer, malformed one', async () => {
  // Prepare
  const { store, load, createLoad, log } = createTableRig();
  store.put(name, route('/a'));
  store.put(name, route('/a', webhook('$secret://ssm/gone')));
  const first = await load(undefined);

  // Act
  store.put(name, '{');
  const warm = await load(first);
  const fresh = await createLoad()(undefined);

  // Assess
  for (const table of [warm, fresh]) {
    expect(await answerOf(table, '/a')).toBe('ROUTES_UNAVAILABLE');
    expect(table.documents.get(name)?.version).toBe(2);
  }
  const messages = invalidLines(log).map(({ message }) => message);
  expect(messages).toContain(
    'a document is invalid; version 2 lacks something that it needs: route a answers 503',
  );
});

test.each([
  [
    'a plugin that is switched off',
    { plugins: { ...lambda, ...disabled(webhook('$env://COUNTERSIGN_VAR_GONE')) } },
  ],
  [
    'a route that is switched off',
    { plugins: { ...webhook('$env://COUNTERSIGN_VAR_GONE') }, status: 0 },
  ],
])('%s does without, and a warning says so', async (_, parts) => {
  // Prepare
  const { store, load, log } = createTableRig();

  // Act
  store.put(name, { uri: '/a', ...parts });
  const table = await load(undefined);

  // Assess
  expect(table.invalidDocuments).toBe(0);
  expect(invalidLines(log)).toEqual([]);
  expect(log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
    {
      message: expect.stringContaining(
        'at /plugins/webhook-auth/secrets/0: found "$env://COUNTERSIGN_VAR_GONE"',
      ),
    },
  ]);
});

function disabled(plugins: Record<string, object>): object {
  const entries = Object.entries(plugins);
  return Object.fromEntries(
    entries.map(([key, own]) => [key, { ...own, _meta: { disable: true } }]),
  );
}

test('a plugin that our own code fails on closes its route, and takes nothing else down', async () => {
  // Prepare
  const faulty: PluginRegistry = {
    ...plugins,
    'key-auth': async () => ({
      ...(await import('../../functions/proxy/plugins/authentication/key-auth.ts')).keyAuth,
      prepare() {
        throw new TypeError('our bug');
      },
    }),
  };
  const well = { id: 'well', ...route('/well', { 'basic-auth': {} }) };
  const ill = { id: 'ill', ...route('/ill', { 'key-auth': {} }) };

  // Act
  const { routes, missing } = await compileAnyway([well, ill], { registry: faulty });

  // Assess
  expect(routes.map(({ isAvailable }) => isAvailable)).toEqual([true, false]);
  expect(missing).toMatchObject([
    { pointer: '/1/plugins/key-auth', found: 'settings that the proxy fails on' },
  ]);
});
