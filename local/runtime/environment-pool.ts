import type { FunctionResponse, Invoke, InvokeOptions } from '../invoke.ts';
import { toErrorResponse } from '../invoke.ts';
import {
  type Environment,
  type EnvironmentOptions,
  NotTakenError,
  startEnvironment,
} from './environment.ts';

/** Limits of environments and of waiting invocations. */
export interface PoolOptions extends EnvironmentOptions {
  /** @default 10 */
  readonly maxEnvironments?: number;
  /**
   * Maximum number of waiting invocations; others are throttled. Lambda throttles without waiting.
   * @default 100
   */
  readonly maxQueued?: number;
}

/** A function with as many environments as its load needs. */
export interface EnvironmentPool {
  readonly invoke: Invoke;
  /** Starts one environment before the first invocation. Throws if its init fails. */
  warm(): Promise<void>;
  /** Process ids of the running environments. */
  pids(): readonly number[];
  /** Starts new environments from another folder from now on. Running ones end when they are idle. */
  recycle(taskRoot: string): void;
  /** Kills every environment; requests in progress fail. */
  close(): Promise<void>;
}

interface Pool {
  options: PoolOptions;
  /** All environments, with the folder of each. */
  readonly all: Map<Environment, string>;
  readonly idle: Environment[];
  readonly waiters: (() => void)[];
  readonly starting: Set<Promise<Environment>>;
  closed: boolean;
}

/** Creates a pool. The first process starts with the first invocation or with {@link EnvironmentPool.warm}. */
export function createEnvironmentPool(options: PoolOptions): EnvironmentPool {
  const pool: Pool = {
    options,
    all: new Map(),
    idle: [],
    waiters: [],
    starting: new Set(),
    closed: false,
  };
  return {
    invoke: (event, invokeOptions) => invoke(pool, event, invokeOptions),
    async warm() {
      if (pool.all.size + pool.starting.size === 0) {
        release(pool, await start(pool));
      }
    },
    pids: () => [...pool.all.keys()].map((environment) => environment.pid),
    recycle(taskRoot) {
      pool.options = { ...pool.options, taskRoot };
      for (const environment of pool.idle.splice(0)) release(pool, environment);
    },
    async close() {
      pool.closed = true;
      for (const wake of pool.waiters.splice(0)) {
        wake();
      }
      await Promise.allSettled(pool.starting);
      await Promise.all([...pool.all.keys()].map((environment) => environment.close()));
    },
  };
}

async function invoke(
  pool: Pool,
  event: unknown,
  options: InvokeOptions,
): Promise<FunctionResponse> {
  for (;;) {
    try {
      const environment = await acquire(pool);
      if (environment === undefined) {
        return { kind: 'throttled' };
      }
      const { response, completed } = await environment.invoke(event, options);
      void completed.then(() => release(pool, environment));
      return response;
    } catch (error) {
      // If the process died while it was idle, the event did not cause it, and another process takes the event.
      if (!(error instanceof NotTakenError) || pool.closed) {
        return toErrorResponse(error);
      }
    }
  }
}

/** Finds a free environment: the one that was used last, a new one, or the next that becomes free. */
async function acquire(pool: Pool): Promise<Environment | undefined> {
  const { maxEnvironments = 10, maxQueued = 100 } = pool.options;
  for (;;) {
    if (pool.closed) {
      return undefined;
    }
    const environment = pool.idle.pop();
    if (environment !== undefined) {
      return environment;
    }
    if (pool.all.size + pool.starting.size < maxEnvironments) {
      return start(pool);
    }
    if (pool.waiters.length >= maxQueued) {
      return undefined;
    }
    await new Promise<void>((wake) => pool.waiters.push(wake));
  }
}

async function start(pool: Pool): Promise<Environment> {
  const { taskRoot } = pool.options;
  const starting = startEnvironment(pool.options);
  pool.starting.add(starting);
  try {
    const environment = await starting;
    pool.all.set(environment, taskRoot);
    void environment.exited.then(() => forget(pool, environment));
    return environment;
  } finally {
    pool.starting.delete(starting);
    // If the start failed, there is room for another environment.
    pool.waiters.shift()?.();
  }
}

function release(pool: Pool, environment: Environment): void {
  const taskRoot = pool.all.get(environment);
  if (taskRoot === pool.options.taskRoot) {
    pool.idle.push(environment);
  } else if (taskRoot !== undefined) {
    forget(pool, environment);
    void environment.close();
    return;
  }
  pool.waiters.shift()?.();
}

function forget(pool: Pool, environment: Environment): void {
  pool.all.delete(environment);
  const index = pool.idle.indexOf(environment);
  if (index !== -1) {
    pool.idle.splice(index, 1);
  }
  pool.waiters.shift()?.();
}
