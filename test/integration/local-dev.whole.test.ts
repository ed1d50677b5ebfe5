/** `npm run dev`: changes of the sources are built and served while the stack runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
let child: ChildProcess;
let text = '';

const greeter = () => join(folder, 'functions', 'hello', 'index.ts');
const source = readFileSync(join(root, 'functions', 'hello', 'index.ts'), 'utf8');
const ask = async () => {
  const [, url] = /Countersign: (\S+)/.exec(text) ?? [];
  return (await fetch(`${url}/hello?name=you`)).text();
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  for (const name of ['functions', 'local', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const ports = ['--port', '0', '--parameter-store-port', '0'];
  const args = ['--import', 'tsx', 'local/start/start.ts', '--watch', '--inspect', ...ports];
  child = spawn(process.execPath, args, { cwd: folder });
  const keep = (chunk: Buffer) => {
    text += chunk;
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  await eventually(() => text.includes('Ctrl-C ends') || child.exitCode !== null);
});

afterAll(async () => {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.kill('SIGTERM')) await ended;
  rmSync(folder, { recursive: true });
});

test('serves the build of the sources, with a port for a debugger', async () => {
  expect(await ask()).toBe('"Hello, you!"');
  expect(text).toMatch(/Debugger listening on ws:\/\/127\.0\.0\.1:\d+\//);
});

test('keeps the last good build after an error, and serves the next good one', async () => {
  writeFileSync(greeter(), 'const = 1;');
  await eventually(() => text.includes('The last good build is still served.'));
  expect(text).toContain('functions/hello/index.ts:1:6');
  expect(await ask()).toBe('"Hello, you!"');

  writeFileSync(greeter(), source.replace('Hello, ', 'Welcome, '));
  await eventually(async () => (await ask()) === '"Welcome, you!"');
});
