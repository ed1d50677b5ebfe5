/** Services, plugin configs, consumer groups, upstreams and global rules on the command line, and what names them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign, jsonOf } from '../support/cli.ts';
import { acme, type CliStore, startCliStore } from '../support/cli-store.ts';
import { guard, ofShop, plugins, shop, upstream, uri } from '../support/kind-documents.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const run = (...args: string[]) => countersign(store.url, args);

const samples: readonly [command: string, folder: string, document: object, shown: string][] = [
  ['services', 'services', shop, 'aws-lambda key-auth'],
  ['plugin-configs', 'plugin_configs', guard, 'key-auth'],
  ['consumer-groups', 'consumer_groups', { plugins: { cors: {} } }, 'cors'],
  ['upstreams', 'upstreams', upstream, '127.0.0.1:8080'],
  ['global-rules', 'global_rules', { plugins: { 'request-id': {} } }, 'request-id'],
];

describe.each(samples)('%s', (command, folder, document, shown) => {
  it('put, list, show, change, go back, export and remove like routes', async () => {
    const files = store.folder({ 'a.json': document });
    const put = await run(command, 'put', join(files, 'a.json'));
    expect([put.status, put.stderr]).toEqual([0, '']);
    expect(put.stdout).toContain(`+ ${folder}/a`);
    expect(put.stdout).toContain(`npx countersign ${command} remove a`);
    expect(store.read(`${folder}/a`)?.Type).toBe('String');

    const list = await run(command, 'list');
    expect(list.stdout.split('\n')[1]).toContain(shown);
    expect(jsonOf(await run(command, 'show', 'a', '--json'))).toMatchObject({ document });

    writeFileSync(join(files, 'a.json'), JSON.stringify({ ...document, id: 'a' }));
    await run(command, 'put', join(files, 'a.json'));
    expect((await run(command, 'history', 'a')).stdout).toContain('+/id');
    expect((await run(command, 'diff', 'a')).status).toBe(1);
    expect((await run(command, 'rollback', 'a', '--to', '1')).status).toBe(0);
    expect(store.read(`${folder}/a`)).toMatchObject({ Version: 3 });

    const out = join(store.folder(), folder);
    expect((await run(command, 'export', out)).status).toBe(0);
    expect(JSON.parse(readFileSync(join(out, 'a.json'), 'utf8'))).toEqual(document);
    expect((await run(command, 'remove', 'a', '--yes')).stdout).toContain(`Removed ${folder}/a.`);
    expect(store.read(`${folder}/a`)).toBeUndefined();
  });

  it('begin with a template that needs little more', async () => {
    const changes = ['s/YOUR-FUNCTION/abcdefghij/', 's/YOUR-HOST.example.com/127.0.0.1/'];
    const scripts = [...changes, 's/^{/{"id":"new",/'].map((script) => `-e '${script}'`);
    const env = { EDITOR: `sed -i.bak ${scripts.join(' ')}` };
    const { status } = await countersign(store.url, [command, 'edit', 'new'], { env });

    expect([status, store.read(`${folder}/new`)?.Version]).toEqual([0, 1]);
  });

  it('refuse an invalid document, and name its place', async () => {
    const files = store.folder({ 'a.json': { ...document, plugin: {} } });
    const { status, stderr } = await run(command, 'put', join(files, 'a.json'));

    expect([status, store.calls('PutParameter')]).toEqual([3, 0]);
    expect(stderr).toMatch(/a\.json:\d+:\d+ {2}\/plugin: found an unknown field/);
  });
});

describe('what a document names', () => {
  it('has to be stored, and the error says what was meant', async () => {
    store.put('services/shop', shop);
    const file = join(
      store.folder({ 'orders.json': { ...ofShop, service_id: 'shpo' } }),
      'orders.json',
    );
    const { status, stderr } = await run('routes', 'put', file);

    expect([status, store.calls('PutParameter')]).toEqual([3, 0]);
    expect(stderr).toMatch(
      /orders\.json:\d+:\d+ {2}\/service_id: found "shpo", expected a service shpo: .*did you mean shop\?/,
    );
  });

  it('may be invalid: its last valid version may be in force', async () => {
    store.put('services/shop', { plugins: { 'key-auht': {} } });
    const file = join(store.folder({ 'orders.json': ofShop }), 'orders.json');

    expect((await run('routes', 'put', file)).status).toBe(0);
  });

  it('may be something that the credentials may not read', async () => {
    store.intercept('GetParametersByPath', ({ Path }) =>
      Path === '/countersign/local/services'
        ? { type: 'AccessDeniedException', status: 400 }
        : undefined,
    );
    const file = join(store.folder({ 'orders.json': ofShop }), 'orders.json');

    expect((await run('routes', 'put', file)).status).toBe(0);
  });

  it('guards a route, and opens it when it guards no more', async () => {
    store.put('services/shop', shop);
    store.put('routes/orders', ofShop);
    expect((await run('routes', 'list')).stdout).toMatch(/orders +on .*services\/shop +key-auth/);

    const file = join(store.folder({ 'shop.json': { plugins } }), 'shop.json');
    const { status, stderr } = await run('services', 'put', file);
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('no access plugin protects orders'),
    ]);
  });

  it.each([
    ['services', 'services/shop', ['remove', 'shop', '--yes']],
    ['upstreams', 'upstreams/orders', ['remove', 'orders', '--yes']],
    ['consumer-groups', 'consumer_groups/gold', ['remove', 'gold', '--yes']],
  ])('is not removed from %s, unless it is forced', async (command, name, args) => {
    store.put('services/shop', shop);
    store.put('upstreams/orders', upstream);
    store.put('consumer_groups/gold', { plugins: { cors: {} } });
    store.put('routes/orders', ofShop);
    store.put('routes/nodes', { uri: '/nodes', upstream_id: 'orders' });
    store.put('consumers/acme', { ...acme('open-sesame'), group_id: 'gold' });
    const refused = await run(command, ...args);

    expect(refused.status).toBe(4);
    expect(refused.stderr).toMatch(
      /(routes|consumers)\/\w+ names an? [\w ]+, and would not be available/,
    );
    expect(store.read(name)).toBeDefined();
    expect((await run(command, ...args, '--force')).status).toBe(0);
    expect(store.read(name)).toBeUndefined();
  });
});

describe('a global rule', () => {
  const open = { uri, plugins };
  const isStrict = { env: { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' } };
  const put = (document: object) => {
    const file = join(store.folder({ 'orders.json': document }), 'orders.json');
    return countersign(store.url, ['routes', 'put', file], isStrict);
  };

  it('guards the routes without a guard of their own', async () => {
    expect((await put(open)).status).toBe(3);
    store.put('global_rules/all', guard);
    const { status, stderr } = await put(open);

    expect([status, stderr]).toEqual([0, '']);
    expect((await run('routes', 'list')).stdout).toContain('global:key-auth');
  });

  it('guards nothing if it refuses nobody', async () => {
    store.put('global_rules/all', { plugins: { 'request-id': {} } });
    const { status, stderr } = await put(open);

    expect(status).toBe(3);
    expect(stderr).toContain('an access plugin of the route or of a global rule');
  });

  it('guards nothing while it is invalid', async () => {
    store.put('global_rules/all', { plugins: { 'key-auht': {} } });

    expect((await put(open)).status).toBe(3);
  });

  it('is missed by the routes that are open without it', async () => {
    store.put('global_rules/all', guard);
    store.put('routes/orders', open);
    const { stderr } = await run('global-rules', 'remove', 'all', '--yes');

    expect(stderr).toContain('no access plugin protects orders');
  });
});
