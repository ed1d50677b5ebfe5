/** Runs the CLI in this process or in a separate one. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { runCli } from '../../cli/program.ts';
import type { Prompts } from '../../cli/terminal/host.ts';
import { inheritedEnv } from '../../local/process-env.ts';
import { bundleCli } from './bundled.ts';

const root = join(import.meta.dirname, '..', '..');

export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  /** Answers to the questions, in order. With answers the streams are a terminal. */
  readonly answers?: readonly (boolean | string)[];
  readonly cwd?: string;
}

interface SpawnOptions extends CliOptions {
  readonly executable?: string;
}

export interface RunningCli {
  /** What it has printed so far. */
  stdout(): string;
  /** Ctrl-C. */
  interrupt(): void;
  readonly ended: Promise<CliRun>;
}

/** Runs a command line in this process, against the store at `endpoint`, to its end. */
export function countersign(
  endpoint: string,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliRun> {
  return startCountersign(endpoint, args, options).ended;
}

/** Starts a command line that runs until it is interrupted. */
export function startCountersign(
  endpoint: string,
  args: readonly string[],
  { env = {}, stdin = '', answers }: CliOptions = {},
): RunningCli {
  const isTTY = answers !== undefined;
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const texts = [stdout, stderr].map(collect);
  let interrupt = () => {};
  const ended = runCli(args, {
    env: { AWS_ENDPOINT_URL_SSM: endpoint, ...env },
    stdin: Readable.from([stdin]),
    stdout,
    stderr,
    prompts: answers && toPrompts(answers, stderr),
    onInterrupt(callback) {
      interrupt = callback;
    },
  });
  return {
    stdout: () => texts[0]?.() ?? '',
    interrupt: () => interrupt(),
    ended: ended.then((status) => ({
      ...{ status, stdout: texts[0]?.() ?? '', stderr: texts[1]?.() ?? '' },
    })),
  };
}

/** Parses the output of `--json`. */
export function jsonOf<T>({ stdout }: CliRun): T {
  return JSON.parse(stdout) as T;
}

function toPrompts(answers: readonly (boolean | string)[], stderr: PassThrough): Prompts {
  const left = [...answers];
  const answer = async (question: string) => {
    stderr.write(`${question}\n`);
    const next = left.shift();
    if (next === undefined) throw new Error(`the test does not answer ${question}`);
    return next;
  };
  return {
    askYesNo: async (question) => (await answer(question)) === true,
    askSecret: async (question) => String(await answer(question)),
    askText: async (question, { standard = '', check }) => {
      const text = String(await answer(question)) || standard;
      const refusal = check(text);
      if (refusal !== undefined) throw new Error(`${question} ${refusal}`);
      return text;
    },
    askChoice: async (question) => String(await answer(question)),
  };
}

/**
 * Runs the CLI as a process of its own.
 *
 * @param options.executable the file to run. @default the CLI bundled into one
 */
export async function spawnCountersign(
  args: readonly string[],
  { env = {}, stdin = '', cwd = root, executable }: SpawnOptions = {},
): Promise<CliRun> {
  const command = executable ?? (await bundleCli());
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    env: { ...inheritedEnv(), ...env },
  });
  const texts = [child.stdout, child.stderr].map(collect);
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) =>
      resolve({ status: status ?? -1, stdout: texts[0]?.() ?? '', stderr: texts[1]?.() ?? '' }),
    );
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
