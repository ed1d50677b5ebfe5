/** A folder with documents of all kinds: `put` and `check`, and the links inside it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign } from '../support/cli.ts';
import { acme, type CliStore, startCliStore } from '../support/cli-store.ts';
import { guard, ofShop, shop, upstream, uri } from '../support/kind-documents.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const run = (...args: string[]) => countersign(store.url, args);

const split = {
  'traffic-split': { rules: [{ weighted_upstreams: [{ upstream_id: 'oders' }] }] },
};
const splitPointer = '/plugins/traffic-split/rules/0/weighted_upstreams/0/upstream_id';

describe('a folder of all kinds', () => {
  const whole = {
    'routes/orders.json': { ...ofShop, plugin_config_id: 'strict' },
    'services/shop.json': { upstream_id: 'orders' },
    'plugin_configs/strict.json': guard,
    'upstreams/orders.json': upstream,
    'consumers/acme.json': { ...acme('open-sesame'), group_id: 'gold' },
    'consumer_groups/gold.json': { plugins: { cors: {} } },
    'global_rules/all.json': { plugins: { 'request-id': {} } },
  };
  const check = (files: Readonly<Record<string, unknown>>) => {
    const env = { COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1' };
    return countersign('http://127.0.0.1:1', ['check', store.folder(files)], { env });
  };

  it('is put in one plan, and what is named is written first', async () => {
    const { status, stdout, stderr } = await run('put', store.folder(whole), '--yes');

    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Plan: 7 to add, 0 to change, 0 to remove.');
    const written = [...stdout.matchAll(/^Wrote (\S+),/gm)].map(([, name]) => name);
    expect(written).toEqual([
      ...['upstreams/orders', 'services/shop', 'plugin_configs/strict', 'consumer_groups/gold'],
      ...['global_rules/all', 'consumers/acme', 'routes/orders'],
    ]);
    expect(store.read('consumers/acme')?.Type).toBe('SecureString');
    expect((await run('put', store.folder(whole), '--prune')).stdout).toContain(
      'Nothing to change.',
    );
  });

  it('loses with --prune what it has no file of, a route before its service', async () => {
    await run('put', store.folder(whole), '--yes');
    const files = {
      ...{
        'routes/new.json': { uri: '/new', ...guard },
        'services/new.json': { upstream_id: 'orders' },
      },
      'upstreams/orders.json': upstream,
    };
    const { status, stdout } = await run('put', store.folder(files), '--prune', '--yes');

    expect(status).toBe(0);
    const removed = [...stdout.matchAll(/^Removed (\S+)\.$/gm)].map(([, name]) => name);
    expect(removed).toEqual(['routes/orders', 'services/shop']);
    expect(store.read('plugin_configs/strict')).toBeDefined();
  });

  it('is not put by halves: one mistake, and nothing is written', async () => {
    const folder = store.folder({ ...whole, 'services/shop.json': { upstream_id: 'order' } });
    const { status, stderr } = await run('put', folder, '--yes');

    expect([status, store.calls('PutParameter')]).toEqual([3, 0]);
    expect(stderr).toMatch(
      /services\/shop\.json:\d+:\d+ {2}\/upstream_id: found "order".*did you mean orders\?/,
    );
  });

  it('needs a folder with the name of a kind', async () => {
    const { status, stderr } = await run('put', store.folder({ 'orders.json': ofShop }));

    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('has none of the folders routes,'),
    ]);
  });

  it('that was exported does not undo what others have written since', async () => {
    store.put('services/shop', shop);
    store.put('routes/orders', ofShop);
    const folder = store.folder();
    await run('services', 'export', join(folder, 'services'));
    await run('routes', 'export', join(folder, 'routes'));
    writeFileSync(join(folder, 'services/shop.json'), JSON.stringify({ ...shop, desc: 'mine' }));
    store.put('services/shop', { ...shop, desc: 'theirs' });
    const refused = await run('put', folder, '--yes');

    expect([refused.status, refused.stderr]).toEqual([
      4,
      expect.stringContaining('shop: exported from version 1, now version 2'),
    ]);
    expect((await run('put', folder, '--yes', '--force')).status).toBe(0);
  });

  it('is checked without AWS, with the links inside it', async () => {
    const { status, stdout, stderr } = await check(whole);

    expect([status, stdout, stderr]).toEqual([0, '7 documents are valid.\n', '']);
  });

  it.each([
    ['routes/orders.json', { uri, service_id: 'shpo' }, '/service_id', 'shop'],
    ['routes/orders.json', { uri, plugin_config_id: 'stric' }, '/plugin_config_id', 'strict'],
    ['services/shop.json', { upstream_id: 'oders' }, '/upstream_id', 'orders'],
    ['routes/orders.json', { uri, plugins: split }, splitPointer, 'orders'],
    ['services/shop.json', { plugins: split }, splitPointer, 'orders'],
    ['consumers/acme.json', { ...acme('x'), group_id: 'glod' }, '/group_id', 'gold'],
  ])('is invalid if %s names what is in no file', async (name, document, pointer, meant) => {
    const { status, stderr } = await check({ ...whole, [name]: document });

    expect(status).toBe(3);
    expect(stderr).toMatch(new RegExp(`${name}:\\d+:\\d+  ${pointer}: .*did you mean ${meant}\\?`));
  });

  it('has no text of a document in its error as JSON', async () => {
    const consumer = { ...acme('open-sesame'), group_id: 'glod' };
    const folder = store.folder({ ...whole, 'consumers/acme.json': consumer });
    const { stderr } = await run('check', folder, '--json');

    expect(stderr).not.toContain('open-sesame');
    expect(JSON.parse(stderr).error ?? JSON.parse(stderr)).toMatchObject({
      documents: [{ id: 'acme', issues: [{ pointer: '/group_id', meant: 'gold' }] }],
    });
  });

  it('may name what is of a kind without a folder, and the command says so', async () => {
    const { status, stderr } = await check({ 'routes/orders.json': ofShop });

    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('the service shop is not among the files and was not checked'),
    ]);
  });
});
