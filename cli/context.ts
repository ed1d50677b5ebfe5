/** The only inputs of a command. */
import { SSMClient } from '@aws-sdk/client-ssm';
import { type GlobalOptions, readSettings, type Settings } from './settings.ts';
import { type ExitCodeName, exitCodes } from './terminal/exit-codes.ts';
import type { Host } from './terminal/host.ts';
import { createOutput, type Output } from './terminal/output.ts';

/**
 * The context of a command. The global options are known only when the command line has been parsed, so settings that
 * depend on them are functions. Call them inside an action, not before.
 */
export interface Context {
  readonly host: Host;
  output(): Output;
  settings(): Settings;
  ssm(): SSMClient;
  /** The region, found by the SDK's own chain. */
  region(): Promise<string>;
  /** A variable of the environment, or undefined. */
  env(name: string): string | undefined;
  /** Makes a command line for the same proxy, to paste into a shell. It repeats the global options of this command. */
  commandLine(rest: string): string;
  /** Sets the exit status of a command that worked, for example to `FOUND`. */
  setExitCode(code: ExitCodeName): void;
  /** The status so far. */
  exitCode(): number;
}

/** Parameter Store throttles after three writes a second, and a folder may contain more documents. */
const maxAttempts = 6;

/** @param readOptions returns the global options when they have been parsed */
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

/** Quotes a word for a shell. */
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
