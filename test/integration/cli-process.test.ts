/** The executable behind `npx countersign`, as a process. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inheritedEnv } from '../../local/process-env.ts';
import { bundleCli } from '../support/bundled.ts';
import { countersign, spawnCountersign } from '../support/cli.ts';
import { type CliStore, orders, startCliStore } from '../support/cli-store.ts';
import { isWhole } from '../support/sample.ts';

const root = join(import.meta.dirname, '..', '..');
let store: CliStore;

beforeAll(async () => {
  store = await startCliStore();
  store.put('routes/orders', orders(5000));
});

afterAll(() => store.close());

const local = () => ({ AWS_ENDPOINT_URL_SSM: store.url });

it('is what package.json names, and may be executed', () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: { countersign: string };
  };
  const file = join(root, bin.countersign);

  expect(statSync(file).mode & 0o111).toBe(0o111);
  expect(readFileSync(file, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

it('works from any folder, and prints the result alone on stdout', async () => {
  const executable = join(root, 'bin', 'countersign.mjs');
  const options = { env: local(), cwd: tmpdir(), executable };
  const { status, stdout } = await spawnCountersign(['routes', 'show', 'orders'], options);

  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual(orders(5000));
});

const closedUrl = 'http://127.0.0.1:1';
const noAccount = { AWS_REGION: 'eu-west-1', AWS_EC2_METADATA_DISABLED: 'true', HOME: tmpdir() };

/** In a whole run as a process, whose output has Node's own warnings too. */
const run: typeof spawnCountersign = (args, options) =>
  isWhole ? spawnCountersign(args, options) : countersign(store.url, args, options);

it.each([
  ['no command', 2, [], local, run],
  ['no path', 2, ['routes', 'list'], () => noAccount, spawnCountersign],
  ['an invalid document', 3, ['routes', 'put', '-', '--id', 'x'], local, run],
  ['nothing that listens', 5, ['routes', 'list', '--endpoint-url', closedUrl], local, run],
  ['no credentials', 5, ['routes', 'list', '--path', '/x'], () => noAccount, spawnCountersign],
  ['a question that nobody answers', 7, ['routes', 'remove', 'orders'], local, run],
])(
  'ends after %s with status %i, and without a stack trace',
  async (_, status, args, env, start) => {
    const ended = await start(args, { env: env(), stdin: '{"uri": "/other"' });

    expect(ended.status).toBe(status);
    expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at |node:internal|\(node:\d+\)/m);
  },
);

it.each([
  ['a command that there is not', ['routes', 'lst'], "Unknown command 'lst'."],
  ['an option that there is not', ['routes', 'list', '--nope'], "Unknown option '--nope'."],
  ['a file that is not there', ['routes', 'put', 'nope.json'], 'there is no such file'],
  [
    'a folder among files',
    ['routes', 'put', '.', 'nope.json'],
    '. is a folder: give no other file',
  ],
  ['an id for two files', ['routes', 'put', 'a', 'b', '--id', 'x'], 'Cannot read a'],
  ['--prune without a folder', ['routes', 'put', '-', '--prune'], '--prune needs a folder'],
  ['a document without a name', ['routes', 'put', '-'], 'needs --id'],
  ['an invalid id', ['routes', 'show', '../x'], 'is not a valid id'],
])('says what is wrong with a command line: %s', async (_, args, sentence) => {
  const { status, stderr } = await countersign(store.url, args);

  expect(status).toBe(2);
  expect(stderr).toContain(sentence);
});

it('gives errors to a script as JSON on stderr', async () => {
  const args = ['--json', 'routes', 'show', 'nope'];
  const { stdout, stderr } = await run(args, { env: local() });

  expect(stdout).toBe('');
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'NOT_FOUND', exitCode: 6 } });
});

it('is content with a reader that has seen enough', async () => {
  const command = `"${process.execPath}" "${await bundleCli()}" routes list --json | true`;
  const { stderr } = await promisify(execFile)('sh', ['-c', command], {
    cwd: root,
    env: { ...inheritedEnv(), ...local() },
  });

  expect(stderr).not.toContain('EPIPE');
});

describe('colour', () => {
  const colourCode = '\u001b[';

  it('is for terminals', async () => {
    const args = ['routes', 'list'];
    const onTerminal = await countersign(store.url, args, { answers: [] });
    const inPipe = await countersign(store.url, args);

    expect(onTerminal.stdout).toContain(colourCode);
    expect(inPipe.stdout).not.toContain(colourCode);
  });

  it.each([
    ['--no-color', ['--no-color'], {}],
    ['NO_COLOR', [], { NO_COLOR: '1' }],
    ['a dumb terminal', [], { TERM: 'dumb' }],
  ])('is switched off by %s', async (_, args, env) => {
    const all = ['routes', 'list', ...args];
    const { stdout } = await countersign(store.url, all, { answers: [], env });

    expect(stdout).not.toContain(colourCode);
  });
});

it('says if another server is at the endpoint', async () => {
  const other = createServer((_, response) => response.writeHead(404).end('{"code":"NO_ROUTE"}'));
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const env = { AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${port}` };
  const { status, stderr } = await run(['routes', 'list'], { env });
  other.close();

  expect(status).toBe(5);
  expect(stderr).toContain('The server at the endpoint is not the AWS service: NO_ROUTE.');
  expect(stderr).toContain('they must be the address of Parameter Store, not of the proxy.');
});

it('does not ask AWS for logs of a Parameter Store on this machine', async () => {
  const args = ['logs', '--log-group', '/aws/lambda/proxy', '--no-follow'];
  const { status, stderr } = await run(args, { env: local() });

  expect(status).toBe(2);
  expect(stderr).toContain('This endpoint has no logs');
});
