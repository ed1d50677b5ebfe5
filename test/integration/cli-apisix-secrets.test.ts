/** `import apisix --secrets`: keys become secrets, and documents refer to them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign } from '../support/cli.ts';
import { type CliStore, startCliStore } from '../support/cli-store.ts';

const uri = 'https://abc1234567.execute-api.us-east-1.amazonaws.com/default';
const file = {
  routes: [
    {
      ...{ id: 'keyed', uri: '/keyed' },
      plugins: {
        'key-auth': {},
        'aws-lambda': { function_uri: uri, authorization: { apikey: 'CLEAR-api' } },
      },
    },
    {
      ...{ id: 'static', uri: '/static' },
      plugins: {
        csrf: { key: 'CLEAR-csrf' },
        'aws-lambda': {
          function_uri: uri,
          authorization: { iam: { accesskey: 'CLEARID', secretkey: 'CLEAR-iam' } },
        },
      },
    },
    { id: 'broken', uri: 'no-slash', plugins: { csrf: { key: 'CLEAR-broken' } } },
  ],
  consumers: [
    { username: 'jack', plugins: { 'key-auth': { key: 'CLEAR-jack' } } },
    { username: 'ann', plugins: { 'basic-auth': { username: 'ann', password: 'CLEAR-ann' } } },
    {
      username: 'bob',
      plugins: { 'jwt-auth': { key: 'CLEAR-bob', secret: `CLEAR-${'s'.repeat(40)}` } },
    },
    { username: 'eve', plugins: { 'hmac-auth': { key_id: 'CLEAR-id', secret_key: 'CLEAR-eve' } } },
  ],
};
const jack = 'secrets/consumers/jack/key-auth.key';
let store: CliStore;
let folder: string;

beforeEach(async () => {
  store = await startCliStore();
  folder = store.folder({ 'apisix.json': JSON.stringify(file) });
});

afterEach(() => store.close());

const run = (...args: string[]) =>
  countersign(store.url, [
    ...['import', 'apisix', join(folder, 'apisix.json'), '--secrets', '--keep-keys'],
    ...args,
  ]);

it('writes the secrets and documents without keys, which pass check', async () => {
  const { stdout, stderr } = await run('--yes');

  expect(store.read(jack)).toMatchObject({ Type: 'SecureString', Value: 'CLEAR-jack' });
  expect(store.read('secrets/routes/keyed/aws-lambda.authorization.apikey')?.Value).toBe(
    'CLEAR-api',
  );
  expect(store.read('secrets/routes/static/aws-lambda.authorization.iam.secretkey')?.Value).toBe(
    'CLEAR-iam',
  );
  // The route is left out, so nothing needs its key.
  expect(store.read('secrets/routes/broken/csrf.key')).toBeUndefined();
  for (const id of [
    ...['routes/keyed', 'routes/static', 'consumers/jack'],
    ...['consumers/ann', 'consumers/bob', 'consumers/eve'],
  ]) {
    expect(store.read(id)?.Value).toContain('$secret://ssm/');
    expect(store.read(id)?.Value).not.toContain('CLEAR');
  }
  expect(stderr).toContain(`${jack} holds a key`);
  expect(stdout + stderr).not.toContain('routes/broken/csrf.key');
  expect(stdout + stderr).not.toContain('CLEAR');
  const out = join(folder, 'out');
  await run('--out', out);
  const checked = await countersign(store.url, ['check', out]);
  expect(checked).toMatchObject({ status: 0, stdout: '6 documents are valid.\n' });
  expect((await run('--yes')).stdout).toContain('Nothing to change.');
});

it('writes no secret in a dry run, and shows names', async () => {
  const { stdout } = await run('--dry-run');

  expect(stdout).toContain(`Secret to write: ${jack}`);
  expect(store.calls('PutParameter')).toBe(0);
});

it('does not overwrite a secret with another value without --force', async () => {
  store.put(jack, 'another');
  const { status, stderr } = await run('--yes');

  expect(status).toBe(4);
  expect(stderr).toContain(`${jack}. Nothing was written.`);
  expect(stderr).not.toMatch(/CLEAR|another/);
  expect(store.calls('PutParameter')).toBe(0);
  await run('--yes', '--force');
  expect(store.read(jack)?.Value).toBe('CLEAR-jack');
});

it('with --out writes no key into any file, and says how to set each secret', async () => {
  const out = join(folder, 'out');
  const { stderr } = await run('--out', out);
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );

  expect(files).toHaveLength(6);
  for (const name of files) expect(readFileSync(join(out, name), 'utf8')).not.toContain('CLEAR');
  expect(stderr).toContain('npx countersign secrets set consumers/jack/key-auth.key');
  expect(stderr).not.toContain('CLEAR');
  expect(store.calls('PutParameter')).toBe(0);
});

it('leaves keys where they are without --secrets', async () => {
  writeFileSync(join(folder, 'plain.json'), JSON.stringify({ consumers: [file.consumers[0]] }));
  await countersign(store.url, ['import', 'apisix', join(folder, 'plain.json'), '--yes']);

  expect(store.read('consumers/jack')?.Value).toContain('CLEAR-jack');
  expect(store.read(jack)).toBeUndefined();
});
