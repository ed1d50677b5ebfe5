/**
 * Runs the first minute of the README and keeps what it prints, in pictures/first-minute.json. It needs the ports of
 * `npm start`, from 3000 on.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { processEnv } from '../local/process-env.ts';
import type { Scene, Step } from './first-minute.ts';

const root = join(import.meta.dirname, '..');
const store = 'http://127.0.0.1:3001';
/** Lines that a screen has no room for. */
const more = '⋮';
const env = { ...processEnv, NO_COLOR: '1', AWS_ENDPOINT_URL_SSM: store };

/** @returns the scenes of the recording, which it has written */
export async function record(): Promise<readonly Scene[]> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-recording-'));
  const args = ['start', '--', '--state-file', join(folder, 'parameters.json')];
  // A group of its own, so that npm's children end as well.
  const child = spawn('npm', args, { cwd: root, env, detached: true });
  try {
    const output = await readUntilReady(child);
    const scenes = [
      { title: 'One terminal', steps: [{ command: 'npm start', output: toScreen(output) }] },
      { title: 'Another terminal', steps: await runAll(calls) },
      { title: 'A route changes while the proxy runs', steps: await runAll(edits) },
    ];
    writeFileSync(
      join(import.meta.dirname, 'first-minute.json'),
      `${JSON.stringify(scenes, null, 2)}\n`,
    );
    return scenes;
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    await rm(folder, { recursive: true, force: true });
  }
}

const calls = [
  "curl -i 'http://127.0.0.1:3002/?name=you'",
  "curl -i 'http://127.0.0.1:3000/hello?name=you'",
];
const edits = [
  `export AWS_ENDPOINT_URL_SSM=${store}`,
  'npx countersign routes list',
  'npx countersign routes disable hello',
  'sleep 2; curl http://127.0.0.1:3000/hello',
];

function readUntilReady(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk;
      if (text.includes('Routes are parameters below')) resolve(text);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`npm start ended:\n${text}`)));
  });
}

/** The beginning of what `npm start` prints, without what npm says. */
function toScreen(text: string): readonly string[] {
  if (!text.includes('Countersign: http://127.0.0.1:3000')) {
    throw new Error(`npm start has other ports than the README:\n${text}`);
  }
  const lines = toLines(text).filter((line) => !line.startsWith('> '));
  const end = lines.findIndex((line) => line.startsWith('Change a route while it runs'));
  return [
    ...lines.slice(
      lines.findIndex((line) => line !== ''),
      end,
    ),
    more,
  ];
}

async function runAll(commands: readonly string[]): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const command of commands) {
    // curl shows its progress unless it is told not to, when it is not on a terminal.
    const run = command.replace('curl ', 'curl --silent ');
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', run], { cwd: root, env });
    const text = `${stdout}${stderr}`.trimEnd();
    steps.push({ command, output: text === '' ? [] : [...toLines(text), ''] });
  }
  return steps;
}

function toLines(text: string): readonly string[] {
  return stripVTControlCharacters(text).replaceAll('\r', '').split('\n');
}
