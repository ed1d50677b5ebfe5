/** The other verbs on routes and consumers. */
import { join } from 'node:path';
import { countersign } from '../support/cli.ts';
import { acme, type CliStore, orders, startCliStore } from '../support/cli-store.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const run = (...args: string[]) => countersign(store.url, args);

describe('list', () => {
  it('shows each route, and the errors of invalid ones', async () => {
    store.put('routes/orders', { ...orders(5000), methods: ['GET'], host: 'api.example.com' });
    store.put('routes/off', { ...orders(5000), uri: '/off', status: 0 });
    store.put('routes/broken', '{"uri": 7}');
    const { plugins } = orders(5000);
    // Shortened to 100 columns.
    const upstream = expect.stringMatching(/^abcdefghij\.lambda-url\./);
    store.put('routes/many', [
      { ...orders(5000), id: 'a', uri: '/a' },
      { ...orders(5000), id: 'b', uri: '/b', plugins: { ...plugins, 'key-auth': {} } },
    ]);
    const { status, stdout, stderr } = await run('routes', 'list');

    expect(status).toBe(0);
    const rows = stdout.split('\n').map((row) => row.split(/ {2,}/).slice(0, 6));
    expect(rows).toEqual([
      ['ID', 'STATE', 'METHODS', 'PATHS', 'UPSTREAM', 'GUARD'],
      ['broken', 'invalid', 'any', '7', '-', '?'],
      ['many#a', 'on', 'any', '/a', upstream, 'open'],
      ['many#b', 'on', 'any', '/b', upstream, 'key-auth'],
      ['off', 'off', 'any', '/off', upstream, 'open'],
      ['orders', 'on', 'GET', expect.stringMatching(/^api\.example\.com\/o/), upstream, 'open'],
      [''],
    ]);
    expect(stderr).toContain('routes/broken:1:2  /uri: found 7, expected a string');
    expect(stderr).toContain('The last valid version of an invalid document stays in force');
  });

  it('fits 100 columns, and has everything with --json', async () => {
    const long = 'long-'.repeat(30);
    const uris = Array.from({ length: 9 }, (_, n) => `/${long}${n}`);
    store.put(`routes/orders`, { plugins: orders(5000).plugins, uris, methods: ['GET', 'PUT'] });
    store.put(`routes/${long}`, { ...orders(5000), uri: '/*' });
    const { stdout } = await run('routes', 'list');
    const rows = JSON.parse((await run('routes', 'list', '--json')).stdout) as object[];

    const widths = stdout
      .trimEnd()
      .split('\n')
      .map(({ length }) => length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
    expect(stdout).toContain('…');
    expect(rows).toMatchObject([
      { id: long, guards: [], upstream: 'abcdefghij.lambda-url.eu-west-1.on.aws' },
      { id: 'orders', paths: uris },
    ]);
  });

  it('shows of an upstream its host alone', async () => {
    store.put('routes/a', {
      uri: '/a',
      plugins: {
        'aws-lambda': { function_uri: 'https://user:s3cr3t@example.com/p?key=s3cr3t' },
      },
    });
    const table = await run('routes', 'list');

    expect(table.stdout).toContain('example.com');
    expect(table.stdout).not.toContain('s3cr3t');
  });

  it('lets no document steer the terminal', async () => {
    const control = '\u001b]0;owned\u0007\u009b31m';
    store.put('routes/a', { uri: `/${control}`, plugins: { [control]: {} }, methods: [control] });
    store.put('routes/b', control);
    store.put('routes/b', `${control}2`);
    const runs = [
      ['list'],
      ['list', '--json'],
      ['show', 'a'],
      ['show', 'b'],
      ['diff', 'b'],
      ['history', 'b'],
      ['export', store.folder()],
    ];
    for (const args of runs) {
      const { stdout, stderr } = await run('routes', ...args);
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n\t]/u);
    }
  });

  it('reads every page of a large tree', async () => {
    for (let n = 0; n < 25; n += 1) store.put(`routes/r${n}`, { uri: `/r${n}` });

    expect(JSON.parse((await run('routes', 'list', '--json')).stdout)).toHaveLength(25);
  });

  it('of nothing says how to begin', async () => {
    expect((await run('routes', 'list')).stdout).toContain('Add one: npx countersign routes edit');
  });
});

describe('show', () => {
  it('prints the document alone on stdout, and which version it is on stderr', async () => {
    store.put('routes/orders', JSON.stringify(orders(5000)));
    const { stdout, stderr } = await run('routes', 'show', 'orders');

    expect(JSON.parse(stdout)).toEqual(orders(5000));
    expect(stderr).toContain('/countersign/local/routes/orders, version 1');
  });

  it('prints an older version', async () => {
    store.put('routes/orders', orders(5000));
    store.put('routes/orders', orders(6000));

    expect((await run('routes', 'show', 'orders', '--at', '1')).stdout).toContain('5000');
    const missing = await run('routes', 'show', 'orders', '--at', '3');
    expect([missing.status, missing.stderr]).toEqual([
      6,
      'Error: There is no version 3. Parameter Store keeps 1 to 2.\n',
    ]);
  });

  it('masks the credentials of consumers unless it is told to reveal them', async () => {
    store.put('consumers/acme', acme('open-sesame'), 'SecureString');

    expect((await run('consumers', 'show', 'acme')).stdout).not.toContain('open-sesame');
    expect((await run('consumers', 'show', 'acme', '--json')).stdout).not.toContain('open-sesame');
    expect((await run('consumers', 'show', 'acme', '--reveal')).stdout).toContain('open-sesame');
  });

  it('of a missing document ends with status 6 and names the command that lists documents', async () => {
    const { status, stderr } = await run('routes', 'show', 'nope');

    expect(status).toBe(6);
    expect(stderr).toContain('To list them: npx countersign routes list');
  });
});

describe('history, diff and rollback', () => {
  beforeEach(() => {
    store.put('routes/orders', orders(5000));
    store.put('routes/orders', orders(6000));
    store.put('routes/orders', orders(50));
  });

  it('history says what each version changed, and which one is invalid', async () => {
    const { stdout } = await run('routes', 'history', 'orders', '--json');

    expect(JSON.parse(stdout)).toMatchObject([
      { version: 3, changed: ['~/plugins/aws-lambda/timeout'], issues: [{ found: '50' }] },
      { version: 2, changed: ['~/plugins/aws-lambda/timeout'], issues: [] },
      { version: 1, changed: [], issues: [] },
    ]);
  });

  it.each([
    ['the last change', [], ['6000', '50']],
    ['one version with the newest', ['--from', '1'], ['5000', '50']],
    ['two versions', ['--from', '1', '--to', '2'], ['5000', '6000']],
  ])('diff compares %s, and ends with status 1', async (_, args, [before, after]) => {
    const { status, stdout } = await run('routes', 'diff', 'orders', ...args);

    expect(status).toBe(1);
    expect(stdout).toMatch(new RegExp(`^- +"timeout": ${before}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^\\+ +"timeout": ${after}$`, 'm'));
  });

  it('diff with a file shows what putting it would change, and ends with 0 when that is nothing', async () => {
    const folder = store.folder({ 'same.json': orders(50), 'other.json': orders(70) });
    const other = await run('routes', 'diff', 'orders', join(folder, 'other.json'));
    const same = await run('routes', 'diff', 'orders', join(folder, 'same.json'));

    expect([other.status, same.status]).toEqual([1, 0]);
  });

  it('rollback writes an older version as the newest one', async () => {
    const { status, stdout } = await run('routes', 'rollback', 'orders', '--to', '1');

    expect(status).toBe(0);
    expect(stdout).toContain('Wrote routes/orders, version 4');
    expect(JSON.parse(store.read('routes/orders')?.Value ?? '')).toEqual(orders(5000));
  });

  it('rollback does not go back to an invalid version', async () => {
    store.put('routes/orders', orders(6000));
    const { status, stderr } = await run('routes', 'rollback', 'orders', '--to', '3');

    expect(status).toBe(3);
    expect(stderr).toContain('version 3 of routes/orders:9:7  /plugins/aws-lambda/timeout');
  });

  it('rollback needs a version', async () => {
    expect((await run('routes', 'rollback', 'orders')).status).toBe(2);
    expect((await run('routes', 'rollback', 'orders', '--to', 'two')).status).toBe(2);
  });

  it('a masked difference is named and not shown', async () => {
    store.put('consumers/acme', { ...acme('first-key'), desc: 'a' }, 'SecureString');
    store.put('consumers/acme', { ...acme('second-key'), desc: 'b' }, 'SecureString');
    const { stdout } = await run('consumers', 'diff', 'acme');

    expect(stdout).not.toMatch(/first-key|second-key/);
    expect(stdout).toContain('~ /plugins/key-auth/key: a masked value differs');
  });
});

describe('enable and disable', () => {
  it('change the status and leave the text otherwise as it was', async () => {
    const written = '{\n    "uri": "/x",\n    "plugins": {}';
    store.put('routes/x', `${written}\n}`);
    await run('routes', 'disable', 'x');
    const off = store.read('routes/x')?.Value ?? '';
    await run('routes', 'enable', 'x');
    const on = store.read('routes/x')?.Value ?? '';

    expect(JSON.parse(off)).toEqual({ uri: '/x', plugins: {}, status: 0 });
    expect(JSON.parse(on)).toEqual({ uri: '/x', plugins: {}, status: 1 });
    expect(on.startsWith(`${written},`)).toBe(true);
  });

  it('switch every route of an array', async () => {
    store.put('routes/x', [
      { id: 'a', uri: '/a' },
      { id: 'b', uri: '/b' },
    ]);
    await run('routes', 'disable', 'x');

    expect(JSON.parse(store.read('routes/x')?.Value ?? '')).toMatchObject([
      { status: 0 },
      { status: 0 },
    ]);
  });

  it('write nothing when the route is so already', async () => {
    store.put('routes/x', { uri: '/x', status: 0 });
    await run('routes', 'disable', 'x');

    expect(store.read('routes/x')?.Version).toBe(1);
  });
});

describe('remove', () => {
  beforeEach(() => store.put('routes/orders', orders(5000)));

  it.each([
    ['a yes', [true], 0, undefined],
    ['a no', [false], 7, 1],
  ])('follows %s', async (_, answers, status, version) => {
    const args = ['routes', 'remove', 'orders'];
    const result = await countersign(store.url, args, { answers });

    expect([result.status, store.read('routes/orders')?.Version]).toEqual([status, version]);
    expect(result.stderr).toContain('Parameter Store forgets the history');
  });

  it('removes nothing without --yes and without a terminal', async () => {
    const { status, stderr } = await run('routes', 'remove', 'orders');

    expect([status, store.read('routes/orders')?.Version]).toEqual([7, 1]);
    expect(stderr).toContain('Give --yes');
  });
});
