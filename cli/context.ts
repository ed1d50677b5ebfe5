/** What every command gets, and all that it gets. */
import { SSMClient } from '@aws-sdk/client-ssm';
import { type GlobalOptions, readSettings, type Settings } from './settings.ts';
import { type ExitCodeName, exitCodes } from './terminal/exit-codes.ts';
import type { Host } from './terminal/host.ts';
import { createOutput, type Output } from './terminal/output.ts';

/**
 * The global options are known only once the command line is parsed, so everything that depends on them is a function
 * to be called inside an action, not before.
 */
export interface Context {
  readonly host: Host;
  output(): Output;
  settings(): Settings;
  ssm(): SSMClient;
  /** As the SDK's own chain finds it. */
  region(): Promise<string>;
  /** A variable of the environment, or undefined. */
  env(name: string): string | undefined;
  /** A command to paste that is about the same proxy: the global options of this one stay in it. */
  commandLine(rest: string): string;
  /** Sets the exit status of a command that worked, for example to `FOUND`. */
  setExitCode(code: ExitCodeName): void;
  /** The status so far. */
  exitCode(): number;
}

/** Parameter Store takes three writes a second before it throttles; a folder has more. */
const maxAttempts = 6;

/** @param readOptions gives the global options once they are parsed */
export function createContext(host: Host, readOptions: () => GlobalOptions): Context {
  let exitCode: ExitCodeName = 'OK';
  const settings = once(() => readSettings(readOptions(), host.env));
  const ssm = once(() => new SSMClient({ ...settings().clientConfig('SSM'), maxAttempts }));
  return {
    host,
    settings,
    output: once(() => {
      const { json, color } = readOptions();
      return createOutput(host, { isJson: json ?? false, noColor: color === false });
    }),
    ssm,
    region: () => ssm().config.region(),
    env: (name) => host.env[name],
    commandLine: (rest) => ['npx countersign', rest, ...toFlags(readOptions())].join(' '),
    setExitCode: (code) => {
      exitCode = code;
    },
    exitCode: () => exitCodes[exitCode],
  };
}

function toFlags({ profile, region, path, endpointUrl }: GlobalOptions): string[] {
  const flags = { profile, region, path, 'endpoint-url': endpointUrl };
  return Object.entries(flags).flatMap(([name, value]) =>
    value ? [`--${name} ${toShellWord(value)}`] : [],
  );
}

/** A word as a shell takes it. */
export function toShellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
