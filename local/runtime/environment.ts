import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createDeferred } from '../deferred.ts';
import { FunctionError, type FunctionResponse, type InvokeOptions } from '../invoke.ts';
import { inheritedEnv } from '../process-env.ts';
import { bundleBootstrap } from './bundle-bootstrap.ts';
import { readLines } from './lines.ts';
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

/** The program that runs a function, as a client of the Lambda Runtime API. */
export interface RuntimeCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the function's environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a function's execution environments are created. */
export interface EnvironmentOptions {
  /** Absolute path of the folder that holds the artefact. */
  readonly taskRoot: string;
  /**
   * File (without `.mjs`) and export.
   * @default index.handler
   */
  readonly handler?: string;
  /** The function's own variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** @default this Node and the bundled bootstrap.ts */
  readonly command?: RuntimeCommand;
  /** @default local */
  readonly functionName?: string;
  /** Memory in MB that the function sees in its environment; the limit is not enforced. @default 512 */
  readonly memorySizeMb?: number;
  /**
   * Maximum time until the runtime asks for its first event. Lambda allows 10 s, and a busy machine may need more.
   * @default 60000
   */
  readonly initTimeoutMs?: number;
  /** Called for each line that the function writes. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** A running environment: one process, one invocation at a time. */
export interface Environment {
  readonly pid: number;
  /** Settles when the process has ended. */
  readonly exited: Promise<void>;
  /**
   * Invokes the function. `completed` of the result settles when the environment is free again.
   * Throws {@link NotTakenError} when the process died before it saw the event.
   */
  invoke(event: unknown, options: InvokeOptions): Promise<EnvironmentResponse>;
  /** Kills the process. */
  close(): Promise<void>;
}

/** A response, and promises that settle when the environment is free again. */
export interface EnvironmentResponse {
  readonly response: FunctionResponse;
  readonly completed: Promise<void>;
}

/** The function did not receive the event, so another environment may take it. */
export class NotTakenError extends Error {
  override readonly name = 'NotTakenError';
}

/** Starts a process and waits for its init. Throws a {@link FunctionError} if the init fails. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const api = await startRuntimeApi();
  const child = await spawnRuntime(options, api.address);
  const exited = createDeferred<void>();
  const ended = (detail: string) => {
    api.fail(
      new FunctionError(`Error: Runtime exited ${detail}`, { errorType: 'Runtime.ExitError' }),
    );
    void api.close().finally(exited.resolve);
  };
  child.once('error', (error) => ended(`: ${error.message}`));
  child.once('exit', (code, signal) =>
    ended(code === null ? `with ${signal}` : `with status ${code}`),
  );
  const initTimer = setTimeout(() => {
    api.fail(new FunctionError('Init timed out', { errorType: 'Sandbox.Timedout' }));
    child.kill('SIGKILL');
  }, options.initTimeoutMs ?? 60_000);
  const close = () => {
    child.kill('SIGKILL');
    return exited.promise;
  };
  try {
    await api.ready;
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(initTimer);
  }
  return {
    pid: child.pid ?? 0,
    exited: exited.promise,
    invoke: (event, invokeOptions) => {
      const functionArn = `arn:aws:lambda:us-east-1:123456789012:function:${options.functionName ?? 'local'}`;
      return invoke({ api, child, functionArn }, event, invokeOptions);
    },
    close,
  };
}

interface Running {
  readonly api: RuntimeApi;
  readonly child: ChildProcess;
  readonly functionArn: string;
}

async function invoke(
  { api, child, functionArn }: Running,
  event: unknown,
  { timeoutMs, requestId = randomUUID(), traceId }: InvokeOptions,
): Promise<EnvironmentResponse> {
  let timer: NodeJS.Timeout | undefined;
  const startClock = () => {
    timer = setTimeout(() => {
      const message = `${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
      api.fail(new FunctionError(message, { errorType: 'Sandbox.Timedout' }));
      child.kill('SIGKILL');
    }, timeoutMs);
  };
  const invocation = { requestId, functionArn, traceId, timeoutMs, event: JSON.stringify(event) };
  const delivery = api.deliver(invocation, startClock);
  // The timeout also applies after the response has ended, because Lambda too waits for the handler to return.
  void delivery.returned.then(() => clearTimeout(timer));
  const response = await delivery.response;
  if (!delivery.taken) {
    throw new NotTakenError('the environment ended before it took the event');
  }
  return { response, completed: delivery.completed };
}

async function spawnRuntime(options: EnvironmentOptions, address: string): Promise<ChildProcess> {
  const command = options.command ?? {
    file: process.execPath,
    args: [await bundleBootstrap()],
  };
  const child = spawn(command.file, command.args, {
    cwd: options.taskRoot,
    env: { ...inheritedEnv(), ...lambdaEnv(options, address), ...options.env, ...command.env },
    // The child ends when its stdin ends (bootstrap.ts).
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { onLine } = options;
  readLines(child.stdout, (line) => onLine?.(line, 'stdout'));
  readLines(child.stderr, (line) => onLine?.(line, 'stderr'));
  return child;
}

/** The variables that Lambda sets and that aws-lambda-ric requires. */
function lambdaEnv(options: EnvironmentOptions, address: string): Record<string, string> {
  const functionName = options.functionName ?? 'local';
  return {
    _HANDLER: options.handler ?? 'index.handler',
    LAMBDA_TASK_ROOT: options.taskRoot,
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(options.memorySizeMb ?? 512),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomUUID()}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    TZ: ':UTC',
  };
}
