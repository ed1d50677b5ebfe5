/** The CLI in this process, with its output kept; `interrupt` is Ctrl-C. */
import { PassThrough, Readable } from 'node:stream';
import { runCli } from '../../cli/program.ts';

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** With AWS's own names of variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
}

export interface Running {
  /** What it has printed so far. */
  stdout(): string;
  interrupt(): void;
  readonly ended: Promise<Run>;
}

/** Starts a command line. */
export function startCli(args: readonly string[], { env = {}, stdin = '' }: RunOptions): Running {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const texts = [collect(stdout), collect(stderr)] as const;
  let interrupt = () => {};
  const onInterrupt = (callback: () => void) => {
    interrupt = callback;
  };
  const host = { env, stdin: Readable.from([stdin]), stdout, stderr, onInterrupt };
  const ended = runCli(args, host).then((status) => ({
    status,
    stdout: texts[0](),
    stderr: texts[1](),
  }));
  return { stdout: texts[0], interrupt: () => interrupt(), ended };
}

/** Runs a command line to its end. */
export function runToEnd(args: readonly string[], options: RunOptions): Promise<Run> {
  return startCli(args, options).ended;
}

/** What `--json` printed. */
export function jsonOf<T>({ stdout }: Run): T {
  return JSON.parse(stdout) as T;
}

function collect(stream: PassThrough): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
