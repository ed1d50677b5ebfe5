/** Runs a program of the bench in its own process, with exactly the given environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { CpuQuota } from './cpu-quota.ts';

export interface ProcessOptions {
  readonly node: string;
  readonly program: string;
  /** Input of the program, passed as JSON in its first argument. */
  readonly input: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of node. */
  readonly flags?: readonly string[];
  /** Limits the process to a share of a CPU from its start. */
  readonly quota?: CpuQuota | undefined;
}

const longestMs = 600_000;

/**
 * @returns the program's message
 * @throws Error with the program's standard error if it ends without a message
 */
export async function runProcess<T>(options: ProcessOptions): Promise<T> {
  const { child, firstMessage } = startProcess(options);
  const timer = setTimeout(() => child.kill('SIGKILL'), longestMs);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    return (await firstMessage) as T;
  } finally {
    await ended;
    clearTimeout(timer);
  }
}

export interface StartedProcess {
  readonly child: ChildProcess;
  readonly firstMessage: Promise<unknown>;
}

export function startProcess({
  node,
  program,
  input,
  env = {},
  flags = [],
  quota,
}: ProcessOptions): StartedProcess {
  const command = [node, ...flags, program, JSON.stringify(input)];
  const [file = node, ...args] = quota ? withQuota(command, quota) : command;
  const child = spawn(file, args, {
    env: { ...env },
    // Log lines are written and discarded, so that their cost is only the write.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const firstMessage = new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${program} ended with ${code}: ${complaint}`)));
  });
  return { child, firstMessage };
}

/** The shell joins the group and then becomes the program. */
function withQuota(command: readonly string[], { processesFile }: CpuQuota): readonly string[] {
  return ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', processesFile, ...command];
}
