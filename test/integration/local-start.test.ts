/** The command behind `npm start`, as a process. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen } from '../../local/http-server.ts';
import { bundleCli, bundleStart } from '../support/bundled.ts';
import { countersign } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { sample, wholeTest } from '../support/sample.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const shell = (command: string) => run('sh', ['-c', command], { cwd: root });
/** Far less than the two minutes that a request may take: the end waits for nothing that is in progress. */
const maxShutdownMs = 45_000;
let folder: string;
let child: ChildProcess | undefined;

interface Running {
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly exit: Promise<number | null>;
}

/** Starts the command and waits for what it prints when it is ready. */
async function start(...args: string[]): Promise<Running> {
  return whenReady(await launch(...args, '--state-file', join(folder, 'parameters.json')));
}

async function whenReady(running: Running): Promise<Running> {
  await eventually(() => running.text().includes('Ctrl-C ends'));
  return running;
}

async function launch(...args: string[]): Promise<Running> {
  return runNode([await bundleStart(), ...args]);
}

function runNode(args: readonly string[]): Running {
  const started = spawn(process.execPath, args, { cwd: root });
  child = started;
  let text = '';
  const keep = (chunk: Buffer) => {
    text += chunk;
  };
  started.stdout.on('data', keep);
  started.stderr.on('data', keep);
  const exit = new Promise<number | null>((resolve) => started.once('exit', resolve));
  return { child: started, text: () => text, exit };
}

/** The commands that the text offers, with those that go on over several lines put together. */
function commands(text: string): string[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line.startsWith('curl '));
}

/** What the text offers of the CLI, with the variable that it is to be told first. */
async function cliCommands(text: string): Promise<string[]> {
  const cli = `"${process.execPath}" "${await bundleCli()}"`;
  const [variable = ''] = /export (AWS_ENDPOINT_URL_SSM=\S+)/.exec(text) ?? [];
  const lines = text.split('\n').map((line) => line.trim());
  const own = lines.filter((line) => line.startsWith('npx countersign '));
  return own.map((line) => `${variable}; ${line.replace('npx countersign', cli)}`);
}

/** The processes of the functions below a process. */
async function childrenOf(pid: number | undefined): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  return rows.filter(([, parent]) => parent === pid).map(([id]) => id ?? 0);
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

test('prints commands that work when they are pasted, and a readable log', async () => {
  // As `npm start` starts it; the other tests run a bundle of it.
  const args = ['--port', '0', '--parameter-store-port', '0'];
  const file = ['--state-file', join(folder, 'parameters.json')];
  const { text } = await whenReady(
    runNode(['--import', 'tsx', 'local/start/start.ts', ...args, ...file]),
  );
  const [refused, answered, streamed, greeting, echoed, ...others] = commands(text());
  const [created, listed, put, then, ...more] = others;
  expect(more).toEqual([]);
  expect((await shell(refused ?? '')).stdout).toContain('403 Forbidden');
  expect((await shell(answered ?? '')).stdout).toContain('"Hello, you!"');
  expect((await shell(streamed ?? '')).stdout).toContain('"number":5');
  expect((await shell(greeting ?? '')).stdout).toBe('"Hello, APISIX!"');
  expect((await shell(echoed ?? '')).stdout).toContain('/default/echo/any/path');
  expect((await shell(created ?? '')).stdout).toContain('201 Created');
  expect((await shell(listed ?? '')).stdout).toMatch(/^\{"users":\[\{.*"name":"Ada"/);
  expect((await shell(put ?? '')).stdout).toContain('"Version":2');
  await eventually(async () => (await shell(then ?? '')).stdout === '"Hello, you!"');
  const [list, show, edit, help, ...rest] = await cliCommands(text());
  expect(rest).toEqual([]);
  expect((await shell(help ?? '')).stdout).toContain('Usage: countersign');
  expect((await shell(list ?? '')).stdout).toMatch(
    /^hello +on +any +\/hello \/hi +127\.0\.0\.1:\d+ +open +2/m,
  );
  expect((await shell(show ?? '')).stdout).toContain('"uris"');
  const edited = await shell(`EDITOR='sed -i.bak s,/hi,/hey,' && export EDITOR; ${edit}`);
  expect(edited.stdout).toContain('Wrote routes/hello, version 3');
  expect(text()).toMatch(/^\d\d:\d\d:\d\d GET \/hello 200 [\d.]+ ms route=hello$/m);
});

test('--reset forgets what was kept, and restores the demo', async () => {
  const ports = ['--port', '0', '--parameter-store-port', '0'];
  const store = ['--part', 'parameter-store', '--parameter-store-port', '0'];
  const call = ({ text }: Running, args: readonly string[], stdin = '') => {
    const [, url = ''] = /(?:Parameter store: |AWS_ENDPOINT_URL_SSM=)(\S+)/.exec(text()) ?? [];
    return countersign(url, args, { stdin });
  };
  const list = async (running: Running) => (await call(running, ['routes', 'list'])).stdout;
  const first = await start(...store);
  await call(first, ['routes', 'put', '-', '--id', 'changed'], '{"uri":"/changed"}');
  expect(await list(first)).toContain('/changed');
  const second = await launch(...store, '--reset', '--state-file', join(folder, 'parameters.json'));
  expect(await second.exit).toBe(1);
  expect(second.text()).toContain('--reset: end the stack that uses');
  first.child.kill('SIGTERM');
  await first.exit;
  const third = await start(...ports, '--reset');
  expect(third.text()).toMatch(/^Starting …\nThe parameters of .* are forgotten\.\n/);
  const after = await list(third);
  expect(after).toContain('/hello');
  expect(after).not.toContain('/changed');
});

test.each(sample(['SIGINT', 'SIGTERM'] as const))(
  '%s ends every process, with status 0',
  async (signal) => {
    const running = await start('--port', '0', '--parameter-store-port', '0');
    const below = await childrenOf(running.child.pid);
    expect(below.length).toBeGreaterThan(0);
    const before = performance.now();
    running.child.kill(signal);
    expect(await running.exit).toBe(0);
    // It takes a tenth of a second where nothing else runs.
    expect(performance.now() - before).toBeLessThan(maxShutdownMs);
    await eventually(() => below.every((pid) => !isAlive(pid)));
  },
);

wholeTest('when it is killed outright, the functions’ processes end by themselves', async () => {
  const running = await start('--port', '0', '--parameter-store-port', '0');
  const below = await childrenOf(running.child.pid);
  expect(below.length).toBeGreaterThan(0);
  running.child.kill('SIGKILL');
  await eventually(() => below.every((pid) => !isAlive(pid)));
});

const parts: readonly [part: string, args: readonly string[], text: RegExp][] = [
  ['parameter-store', ['--parameter-store-port', '0'], /get-parameters-by-path/],
  ['upstreams', ['--port', '0'], /curl --aws-sigv4/],
  ['proxy', ['--port', '0'], /Countersign: http/],
];
test.each(sample(parts))('the part %s starts alone', async (part, args, text) => {
  const running = await start('--part', part, ...args);
  expect(running.text()).toMatch(text);
});

test('a port that was asked for and is in use is named, with status 1', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  const running = await launch('--part', 'parameter-store', '--parameter-store-port', String(port));
  expect(await running.exit).toBe(1);
  expect(running.text()).toContain(`Port ${port} is in use`);
  await new Promise((resolve) => taken.close(resolve));
});

wholeTest('the next free port is taken when that is allowed', async () => {
  const { createServer: createHttpServer } = await import('node:http');
  const first = await listen(createHttpServer());
  const second = await listen(createHttpServer(), { port: first.port, tries: 50 });
  expect(second.port).toBeGreaterThan(first.port);
  await expect(listen(createHttpServer(), { port: first.port })).rejects.toMatchObject({
    ...{ code: 'EADDRINUSE', port: first.port },
  });
  await Promise.all([first.close(), second.close()]);
});

test('mistakes are answered in words, and with the text of --help', async () => {
  const mistake = await launch('--port', 'x');
  expect(await mistake.exit).toBe(1);
  expect(mistake.text()).toContain('--port: found x, expected a port');
  expect(mistake.text()).toContain('--parameter-store-port <n>');
});
