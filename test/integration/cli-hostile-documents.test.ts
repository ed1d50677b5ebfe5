/** Documents that are made to harm whoever looks at them with the CLI. */
import { readdirSync } from 'node:fs';
import { countersign } from '../support/cli.ts';
import { acme, type CliStore, orders, startCliStore } from '../support/cli-store.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const run = (...args: string[]) => countersign(store.url, args);

it('shows characters that turn the direction of writing, or are invisible, by their numbers', async () => {
  const written = { ...orders(5000), desc: 'a\u202eb\u2066c\u200bd\u2028e\u{e0041}f' };
  store.put('routes/a', orders(4000));
  store.put('routes/a', written);
  for (const args of [
    ['show', 'a'],
    ['diff', 'a'],
    ['list', '--json'],
  ]) {
    const { stdout, stderr } = await run('routes', ...args);
    expect(stdout + stderr).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]/u);
  }
  const { stdout } = await run('routes', 'show', 'a', '--reveal');

  expect(stdout).toContain('a\\u202eb\\u2066c\\u200bd\\u2028e\\udb40\\udc41f');
  expect(JSON.parse(stdout)).toEqual(written);
});

test.each([
  ['that nothing closes', '['.repeat(8192)],
  ['that are closed', `${'['.repeat(4000)}${']'.repeat(4000)}`],
])('thousands of levels %s are an invalid document, and no bug', async (_, text) => {
  const folder = store.folder({ 'deep.json': text });
  const { status, stderr } = await run('routes', 'put', `${folder}/deep.json`);

  expect(stderr).toContain('found more than 64 levels of arrays and objects, expected at most 64');
  expect(status).toBe(3);
});

it('quotes the name of a secret that a command to paste has in it', async () => {
  const document = JSON.stringify(orders(5000)).replace(
    '"iam":{}',
    '"apikey":"$secret://ssm/a;touch owned"',
  );
  const folder = store.folder({ 'a.json': document });
  const { stderr } = await run('routes', 'put', `${folder}/a.json`);

  expect(stderr).toContain("secrets set 'a;touch owned'");
});

describe('a document that cannot be decrypted', () => {
  beforeEach(() => {
    store.put('routes/orders', orders(5000));
    store.putSealed('routes/sealed', { ...orders(5000), uri: '/sealed' });
    store.put('consumers/acme', acme('k'), 'SecureString');
    store.putSealed('secrets/sealed', 'x');
  });

  it.each([
    [['routes', 'list'], 'orders'],
    [['explain', 'GET', '/orders/1'], 'orders'],
    [['doctor', '--no-probe'], '1 route in force'],
  ])('%s goes on without it, and names it', async (args, expected) => {
    const { stdout, stderr } = await run(...args);

    expect(stdout).toContain(expected);
    expect(stdout + stderr).toContain('/countersign/local/routes/sealed');
  });

  it('is left out of an export, and named', async () => {
    const folder = store.folder();
    const { stderr } = await run('routes', 'export', folder);

    expect(readdirSync(folder).sort()).toEqual(['.countersign.json', 'orders.json']);
    expect(stderr).toContain('/countersign/local/routes/sealed');
  });

  it('keeps no other document from being written, and is not pruned', async () => {
    const folder = store.folder({ 'orders.json': orders(4000) });
    const { status } = await run('routes', 'put', folder, '--prune', '--yes');

    expect(status).toBe(0);
    expect(store.read('routes/orders')?.Version).toBe(2);
    expect((await run('routes', 'list')).stderr).toContain('routes/sealed is left out');
  });
});
