/** `countersign dev`, as a process: the local stack, and a folder of documents that it follows. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findWatched } from '../../cli/dev/parts.ts';
import { inheritedEnv } from '../../local/process-env.ts';
import { bundleCli } from '../support/bundled.ts';
import { spawnCountersign } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { wholeTest } from '../support/sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-dev-'));
const write = (name: string, document: unknown) =>
  writeFileSync(join(folder, name), JSON.stringify(document));
/** Legal, and answered with 503: there is no upstream to call. */
const route = (uri: string) => ({ uri });
let child: ChildProcess | undefined;
let text = '';

async function start(...args: string[]): Promise<void> {
  child = spawn(process.execPath, [await bundleCli(), 'dev', ...args], {
    cwd: folder,
    env: inheritedEnv(),
  });
  text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk;
    });
  }
  await eventually(() => text.includes('Ctrl-C ends'));
}

const statusOf = async (path: string) => {
  const url = /Countersign: (\S+)/.exec(text)?.[1];
  return (await fetch(`${url}${path}`)).status;
};

beforeEach(() => mkdirSync(join(folder, 'documents', 'routes'), { recursive: true }));
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(join(folder, 'documents'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder of documents is served, and each change of a file takes effect', async () => {
  write('documents/routes/old.json', route('/old'));
  await start('documents', '--port', '0', '--parameter-store-port', '0');

  // The documents are put before the proxy reads them for the first time.
  expect(text).not.toContain('no routes');
  expect(await statusOf('/old')).toBe(503);
  // The demo's own routes are not there.
  expect(await statusOf('/hello')).toBe(404);

  write('documents/routes/new.json', route('/new'));
  await eventually(async () => (await statusOf('/new')) === 503);
  rmSync(join(folder, 'documents/routes/old.json'));
  await eventually(async () => (await statusOf('/old')) === 404);
});

test('a value of --env is known to the check of the documents', async () => {
  const name = 'COUNTERSIGN_VAR_URL';
  const call = { function_uri: `$env://${name}` };
  write('documents/routes/hello.json', { uri: '/hello', plugins: { 'aws-lambda': call } });
  const ports = ['--port', '0', '--parameter-store-port', '0'];
  await start('documents', ...ports, '--env', `${name}=http://127.0.0.1:9/`);

  expect(text).toContain('no access plugin protects hello');
  expect(text).not.toContain(`the value of ${name}`);
});

test('documents of all kinds are followed', async () => {
  const mocking = (response_status: number) => ({
    plugins: { mocking: { response_status, response_example: 'x' } },
  });
  mkdirSync(join(folder, 'documents', 'services'));
  write('documents/services/shop.json', mocking(201));
  write('documents/routes/served.json', { uri: '/served', service_id: 'shop' });
  await start('documents', '--port', '0', '--parameter-store-port', '0');
  await eventually(async () => (await statusOf('/served')) === 201);

  write('documents/services/shop.json', mocking(202));
  await eventually(async () => (await statusOf('/served')) === 202);
});

test('--reset forgets what was kept', async () => {
  const ports = ['--port', '0', '--parameter-store-port', '0'];
  const args = [...ports, '--state-file', 'documents/kept.json'];
  await start(...args);
  const endpoint = ['--endpoint-url', /AWS_ENDPOINT_URL_SSM=(\S+)/.exec(text)?.[1] ?? ''];
  await spawnCountersign(['routes', 'disable', 'hello', ...endpoint]);
  await eventually(async () => (await statusOf('/hello')) === 404);
  child?.kill('SIGTERM');
  await eventually(() => child?.exitCode !== null);
  await start(...args, '--reset');
  expect(await statusOf('/hello')).toBe(200);
});

wholeTest('a folder that is added or made anew while it runs is followed too', async () => {
  write('documents/routes/one.json', route('/one'));
  await start('documents', '--port', '0', '--parameter-store-port', '0');
  await eventually(async () => (await statusOf('/one')) === 503);

  rmSync(join(folder, 'documents/routes'), { recursive: true });
  await eventually(async () => (await statusOf('/one')) === 404);
  mkdirSync(join(folder, 'documents/routes'));
  write('documents/routes/two.json', route('/two'));
  await eventually(async () => (await statusOf('/two')) === 503);
  mkdirSync(join(folder, 'documents/consumers'));
  write('documents/consumers/acme.json', { username: 'acme', plugins: 3 });
  await eventually(() => /acme\.json:1:20\s+\/plugins: found 3/.test(text));
});

wholeTest('a value of --secret is there for the first documents', async () => {
  const call = { function_uri: '$secret://ssm/hello-url', authorization: { iam: {} } };
  write('documents/routes/hello.json', { uri: '/hello', plugins: { 'aws-lambda': call } });
  const ports = ['--port', '0', '--parameter-store-port', '0'];
  await start('documents', ...ports, '--secret', 'hello-url=http://127.0.0.1:9/?a=b');
  await eventually(async () => (await statusOf('/hello')) !== 404);

  // There is an upstream to call, where nothing listens.
  expect(await statusOf('/hello')).toBe(502);
  expect(text).not.toContain('/function_uri');
});

test('of a folder with routes/ in it, the rest is not searched for changes', () => {
  mkdirSync(join(folder, 'documents/node_modules/large'), { recursive: true });
  const path = join(folder, 'documents');

  expect(findWatched(path)).toEqual([
    { path, isRecursive: false },
    { path: join(path, 'routes'), isRecursive: true },
  ]);
  expect(findWatched(join(path, 'routes'))).toEqual([
    { path: join(path, 'routes'), isRecursive: true },
  ]);
});

test('an invalid file is named with line and column, and the last valid documents stay', async () => {
  write('documents/routes/one.json', route('/one'));
  await start('documents', '--port', '0', '--parameter-store-port', '0');
  await eventually(async () => (await statusOf('/one')) === 503);

  const faults = () => text.match(/one\.json:1:2\s+\/uri: found 3, expected a string/g) ?? [];
  write('documents/routes/one.json', { uri: 3 });
  await eventually(() => faults().length > 0);
  expect(await statusOf('/one')).toBe(503);

  // The same fault, which is said already, and then another one.
  write('documents/routes/one.json', { uri: 3 });
  write('documents/routes/two.json', { uri: 4 });
  await eventually(() => text.includes('two.json:1:2'));
  expect(faults()).toHaveLength(2);
  rmSync(join(folder, 'documents/routes/two.json'));

  write('documents/routes/one.json', route('/two'));
  await eventually(async () => (await statusOf('/two')) === 503);
});

test.each([
  ['a folder that is not there', ['nowhere'], /nowhere: there is no such file/],
  ['a secret without a folder', ['--secret', 'a=b'], /--secret needs a folder/],
  [
    'a secret without a name',
    ['.', '--secret', '=b'],
    /--secret: found the name "", expected NAME=VALUE/,
  ],
  ['a port that is none', ['--port', 'http'], /--port: found http, expected a port/],
])('%s is refused, and nothing is started', async (_, args, message) => {
  const { status, stdout, stderr } = await spawnCountersign(['dev', ...args], { cwd: folder });

  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
