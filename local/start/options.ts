import { parseArgs } from 'node:util';

/** The part of the stack to start. */
export type Part = 'all' | 'proxy' | 'parameter-store' | 'upstreams';

/** The parsed command line. */
export interface StartOptions {
  readonly part: Part;
  readonly port: number;
  readonly isPortFixed: boolean;
  readonly parameterStorePort: number;
  readonly isParameterStorePortFixed: boolean;
  readonly parameterStoreUrl: string;
  /** Where parameters are kept; undefined for memory. */
  readonly stateFile: string | undefined;
  /** Without the demo's routes, and in memory unless a state file is named. */
  readonly empty: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Forgets the parameters that were kept. */
  readonly reset: boolean;
  /** Runs a publisher, and the proxy reads its snapshot. */
  readonly snapshot: boolean;
  /** Builds the functions, and builds them again when their sources change. */
  readonly watch: boolean;
  readonly help: boolean;
}

/** An invalid command line; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The first port of the upstreams; the next free ports are used if it is taken. */
export const UPSTREAMS_PORT = 3002;

/** Stack traces name lines of the TypeScript sources. Lambda, and tests, do without: the maps take as long as the code. */
const MAPPED = '--enable-source-maps';
/** Each process chooses its own port, and prints it. */
const INSPECTED = '--inspect=127.0.0.1:0';

/** The text of `--help`. */
export const USAGE = `Usage: npm start -- [options]

Runs the proxy, a parameter store and IAM-protected demo upstreams on 127.0.0.1.

  --port <n>                  the proxy's port (default 3000, or the next free one)
  --parameter-store-port <n>  the parameter store's port (default 3001, or the next free one)
  --part <name>               all (default), proxy, parameter-store or upstreams: that part alone
  --parameter-store-url <url> with --part proxy: where it reads its routes
                              (default http://127.0.0.1:3001)
  --state-file <path>         where parameters are kept (default .countersign/parameters.json)
  --reset                     forgets the parameters that were kept, and begins with the demo's
                              routes as they were
  --empty                     no routes to begin with, and nothing is kept without --state-file
  --snapshot                  run a publisher and S3 too, as a deployment does: the proxy reads
                              one snapshot and not the parameter store
  --env NAME=VALUE            a variable for the proxy, over its default; may be repeated
  --inspect                   lets a debugger attach to the proxy's processes
  --watch                     builds functions/ after each change, and serves the new build
  --help                      this text
`;

/** Reads the command line; throws a {@link UsageError}. */
export function readOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  const parameterStorePort = readPort('parameter-store-port', values['parameter-store-port'], 3001);
  return {
    part: readPart(values.part ?? 'all'),
    port: readPort('port', values.port, 3000),
    isPortFixed: values.port !== undefined,
    parameterStorePort,
    isParameterStorePortFixed: values['parameter-store-port'] !== undefined,
    parameterStoreUrl: values['parameter-store-url'] ?? `http://127.0.0.1:${parameterStorePort}`,
    stateFile: values['state-file'] ?? (values.empty ? undefined : '.countersign/parameters.json'),
    empty: values.empty ?? false,
    env: {
      NODE_OPTIONS: values.inspect ? `${MAPPED} ${INSPECTED}` : MAPPED,
      ...readEnv(values.env ?? []),
    },
    reset: values.reset ?? false,
    snapshot: readSnapshot(values.snapshot, values.part),
    watch: values.watch ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  const string = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: string,
        'parameter-store-port': string,
        part: string,
        'parameter-store-url': string,
        'state-file': string,
        env: { type: 'string', multiple: true },
        empty: { type: 'boolean' },
        reset: { type: 'boolean' },
        snapshot: { type: 'boolean' },
        inspect: { type: 'boolean' },
        watch: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readPort(flag: string, text: string | undefined, standard: number): number {
  const port = Number(text ?? standard);
  if (!/^\d+$/.test(text ?? '0') || port > 65_535) {
    throw new UsageError(`--${flag}: found ${text}, expected a port from 0 to 65535`);
  }
  return port;
}

function readPart(text: string): Part {
  if (text === 'all' || text === 'proxy' || text === 'parameter-store' || text === 'upstreams') {
    return text;
  }
  throw new UsageError(`--part: found ${text}, expected all, proxy, parameter-store or upstreams`);
}

function readSnapshot(snapshot = false, part = 'all'): boolean {
  if (snapshot && part !== 'all') {
    throw new UsageError(`--snapshot: found --part ${part}, expected the whole stack`);
  }
  return snapshot;
}

function readEnv(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? [];
      if (name === undefined || value === undefined) {
        throw new UsageError(`--env: found ${pair}, expected NAME=VALUE`);
      }
      return [name, value];
    }),
  );
}
