/** `npm start` and `countersign dev`: run the local stack, or a part of it, until Ctrl-C. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startParameterStore } from '../parameter-store/parameter-store.ts';
import { processEnv } from '../process-env.ts';
import { startProxy } from '../stack/proxy.ts';
import { type FillStore, startStack } from '../stack/stack.ts';
import { startUpstreams } from '../stack/upstreams.ts';
import { startBuilds } from './builds.ts';
import {
  toEmptyGreeting,
  toGreeting,
  toProxyGreeting,
  toStoreGreeting,
  toUpstreamsGreeting,
} from './greeting.ts';
import { type StartOptions, UPSTREAMS_PORT, UsageError } from './options.ts';
import { createScreen } from './screen.ts';
import { lockStateFile } from './state-file.ts';

/** Number of ports that are tried, upwards, if no port was given. */
const PORT_TRIES = 50;
/** If a part does not end in this time, the end of the process ends it. */
const SHUTDOWN_MS = 800;

const { print, printGreeting, printLine } = createScreen({
  stream: process.stdout,
  env: processEnv,
});

interface Started {
  readonly greeting: string;
  /** Port of the proxy, if it was started. */
  readonly port?: number;
  /** Uses another build from now on. It has one folder for each function, as `dist/`. */
  recycle?(distRoot: string): void;
  close(): Promise<void>;
}

async function startAll(options: RunOptions, dist: string): Promise<Started> {
  const stack = await startStack({
    parameterStore: { ...storePort(options), file: openStateFile(options) },
    upstreams: { ...upstreamPorts(options), ...upstreamRoots(dist), onLine: printLine },
    proxy: {
      ...proxyPort(options),
      proxyRoot: join(dist, 'proxy'),
      env: options.env,
      onLine: printLine,
    },
    seeds: !options.empty,
    fill: options.fill,
    publisher: options.snapshot ? { env: options.env, onLine: printLine } : undefined,
  });
  return {
    greeting: options.empty ? toEmptyGreeting(stack) : toGreeting(stack),
    port: stack.port,
    recycle: stack.recycle,
    close: stack.close,
  };
}

async function startStoreAlone(options: StartOptions): Promise<Started> {
  const stateFile = openStateFile(options);
  const store = await startParameterStore({ ...storePort(options), file: stateFile });
  return {
    greeting: toStoreGreeting(store.url, stateFile ?? 'memory'),
    close: store.close,
  };
}

async function startUpstreamsAlone(options: StartOptions, dist: string): Promise<Started> {
  const upstreams = await startUpstreams({
    ...upstreamPorts(options),
    ...upstreamRoots(dist),
    onLine: printLine,
  });
  const { recycle, close } = upstreams;
  return { greeting: toUpstreamsGreeting(upstreams), recycle, close };
}

async function startProxyAlone(options: StartOptions, dist: string): Promise<Started> {
  const { parameterStoreUrl, env } = options;
  const proxy = await startProxy({
    ...proxyPort(options),
    ...{ parameterStoreUrl, proxyRoot: join(dist, 'proxy'), env, onLine: printLine },
  });
  const greeting = toProxyGreeting(proxy.url, parameterStoreUrl);
  const recycle = (distRoot: string) => proxy.recycle(join(distRoot, 'proxy'));
  return { greeting, port: proxy.port, recycle, close: proxy.close };
}

/** @throws UsageError if another stack uses the file that is to be reset */
function openStateFile({ stateFile, reset }: StartOptions): string | undefined {
  const file = lockOrWarn(stateFile);
  if (!reset || stateFile === undefined) return file;
  if (file === undefined)
    throw new UsageError(`--reset: end the stack that uses ${stateFile} first`);
  rmSync(file, { force: true });
  print(`The parameters of ${file} are forgotten.\n`);
  return file;
}

function lockOrWarn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const locked = lockStateFile(file);
  if (locked === undefined) {
    print(
      `\n${file} belongs to another running stack, so this one keeps its parameters in memory.\n`,
    );
  }
  return locked;
}

function upstreamRoots(dist: string) {
  return { greeterRoot: join(dist, 'hello'), usersRoot: join(dist, 'users') };
}

/** @param dist folder with one folder for each function */
function startPart(options: RunOptions, dist: string): Promise<Started> {
  switch (options.part) {
    case 'all':
      return startAll(options, dist);
    case 'proxy':
      return startProxyAlone(options, dist);
    case 'parameter-store':
      return startStoreAlone(options);
    case 'upstreams':
      return startUpstreamsAlone(options, dist);
  }
}

/** Starts a part from builds that follow the sources. */
async function startWatched(options: RunOptions): Promise<Started> {
  const builds = await startBuilds();
  try {
    const started = await startPart(options, builds.folder);
    builds.follow({
      built: (folder) => {
        started.recycle?.(folder);
        print('functions/ has changed: the new build is served\n');
      },
      failed: (reason) => print(`${reason}\nThe last good build is still served.\n`),
    });
    const close = async () => {
      await Promise.all([started.close(), builds.close()]);
    };
    return { ...started, close };
  } catch (error) {
    await builds.close();
    throw error;
  }
}

function proxyPort({ port, isPortFixed }: StartOptions) {
  return { port, tries: isPortFixed ? 1 : PORT_TRIES };
}

/**
 * Chooses the upstreams' ports, which stay the same in each run if possible. With `--port 0` the system chooses them.
 */
function upstreamPorts({ port }: StartOptions) {
  return port === 0 ? {} : { port: UPSTREAMS_PORT, tries: PORT_TRIES };
}

function storePort({ parameterStorePort: port, isParameterStorePortFixed }: StartOptions) {
  return { port, tries: isParameterStorePortFixed ? 1 : PORT_TRIES };
}

/** The command line, and what a caller adds to it. */
export interface RunOptions extends StartOptions {
  /** Puts documents of the whole stack before the proxy reads them. */
  readonly fill?: FillStore | undefined;
}

/**
 * Starts what the options ask for and prints where it is. It ends with the process: at Ctrl-C, or with the parent.
 *
 * @throws UsageError for what does not go together; any other error says in its message why nothing runs
 */
export async function runStack(options: RunOptions): Promise<void> {
  const dist = join(import.meta.dirname, '..', '..', 'dist');
  if (!options.watch && !existsSync(join(dist, 'proxy', 'index.mjs'))) {
    throw new UsageError('dist/proxy is missing: run `npm run build` first');
  }
  print(options.watch ? 'Building the functions, then starting …\n' : 'Starting …\n');
  let isEnding = false;
  const starting = options.watch ? startWatched(options) : startPart(options, dist);
  const end = async () => {
    // Ctrl-C arrives twice: from the terminal and from the parent process.
    if (!isEnding) {
      isEnding = true;
      setTimeout(() => process.exit(0), SHUTDOWN_MS);
      await starting.then((started) => started.close()).catch(() => undefined);
      process.exit(0);
    }
  };
  process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end);
  endWithParent(end);
  const started = await starting.catch(explain);
  if (started.port !== undefined && options.port !== 0 && started.port !== options.port) {
    print(`\nPort ${options.port} is in use; the proxy took port ${started.port}.\n`);
  }
  printGreeting(started.greeting);
}

/**
 * Ends this process when its parent ends. If tsx is killed, no signal reaches this process, but it gets another parent.
 */
function endWithParent(end: () => Promise<void>): void {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || end(), 500).unref();
}

function explain(error: unknown): never {
  const { code, port } = error as { code?: string; port?: number };
  if (code !== 'EADDRINUSE') throw error;
  const advice = 'choose another one, or leave the flag out to take the next free one.';
  throw new Error(`Port ${port} is in use: ${advice}`, { cause: error });
}
