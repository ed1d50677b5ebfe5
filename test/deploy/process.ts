/** Child processes that end with this one, and with everything that they started. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface RunningProcess {
  /** Everything that it wrote so far, both streams. */
  readonly output: () => string;
  /** Its exit status, or the signal or error that ended it. */
  readonly ended: Promise<string>;
  /** Kills it and its children. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

// Also after an uncaught error, and when Ctrl-C or a time limit of CI ends the run.
process.on('exit', () => running.forEach(killGroup));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(1));
}

/** Starts a process in a group of its own, so that its children can be ended with it. */
export function start({ file, args, env, cwd }: Command): RunningProcess {
  const child = spawn(file, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(String(code ?? signal)));
  }).finally(() => running.delete(child));
  return {
    output: () => output,
    ended,
    stop: async () => {
      killGroup(child);
      await ended;
    },
  };
}

/** Runs a command to its end. @returns what it wrote; throws when it fails or takes too long */
export async function run(command: Command, timeoutMs: number): Promise<string> {
  const child = start(command);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void child.stop();
  }, timeoutMs);
  const end = await child.ended;
  clearTimeout(timer);
  if (end === '0') return child.output();
  const why = isLate ? `took more than ${timeoutMs / 1000} s` : `ended with ${end}`;
  const tail = child.output().trim().split('\n').slice(-40).join('\n');
  throw new Error(`${[command.file, ...command.args].join(' ')} ${why}\n${tail}`);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
