/** The command line: global options, all commands, and the end of each run. */
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { type CommandEntry, commands, createCommand, findNamed } from './commands.ts';
import type { Context } from './context.ts';
import type { GlobalOptions } from './settings.ts';
import { CliError, toCliError } from './terminal/cli-error.ts';
import { exitCodes } from './terminal/exit-codes.ts';
import type { Host } from './terminal/host.ts';
import { createOutput } from './terminal/output.ts';

/**
 * Runs one command line.
 * @returns the exit status. Every error is printed here, as a sentence
 */
export async function runCli(args: readonly string[], host: Host): Promise<number> {
  const { program, exitCode } = await createProgram(host, findNamed(args));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode();
  } catch (error) {
    // Commander has already printed help (requested: 0; no command given: 1) or the version.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.OK;
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.USAGE;
    const failure = error instanceof CommanderError ? toUsageError(error) : toCliError(error);
    // If the command line could not be parsed, there are no parsed options.
    const options = { isJson: args.includes('--json'), noColor: args.includes('--no-color') };
    createOutput(host, options).error(failure);
    return exitCodes[failure.code];
  }
}

function toUsageError({ message }: CommanderError): CliError {
  const [sentence = '', ...more] = message.replace(/^error: |\.$/g, '').split('\n');
  const hint =
    more.join(' ') || '--help prints the commands, and after a command its options and examples.';
  return new CliError('USAGE', `${sentence[0]?.toUpperCase()}${sentence.slice(1)}.`, { hint });
}

/**
 * Creates the program without running it. Docs and tests read the help from it.
 *
 * @param loaded commands that can be run; the others have a name and a line in `--help`
 */
export async function createProgram(
  host: Host,
  loaded: readonly CommandEntry[] = commands,
): Promise<{ program: Command; exitCode: () => number }> {
  const program = new Command('countersign');
  program
    .description(
      'Manages the routes, consumers, services, secrets and so on of a Countersign proxy.',
    )
    .option('--profile <name>', 'AWS profile (AWS_PROFILE)')
    .option('--region <region>', 'AWS region (AWS_REGION, or the profile’s)')
    .option('--path <path>', 'root of the proxy’s documents (COUNTERSIGN_PARAMETER_PATH)')
    .option(
      '--endpoint-url <url>',
      'AWS endpoint, such as the local stack’s (AWS_ENDPOINT_URL_SSM)',
    )
    .option('--json', 'results on stdout and errors on stderr as JSON')
    .option('--no-color', 'no colours; there are none outside of a terminal (NO_COLOR)')
    .version(packageJson.version, '-V, --version', 'print the version');
  const exitCode = await addCommands(program, { host, loaded });
  applySettings(program, {
    writeOut: (text) => void host.stdout.write(text),
    writeErr: (text) => void host.stderr.write(text),
    // Errors are printed in one form, at the end of the run.
    outputError: () => {},
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  // The arguments of a command that is not loaded are not known.
  program.configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() });
  return { program, exitCode };
}

interface Loading {
  readonly host: Host;
  readonly loaded: readonly CommandEntry[];
}

/** @returns a reader of the exit status that the command has set */
async function addCommands(program: Command, { host, loaded }: Loading): Promise<() => number> {
  let context: Context | undefined;
  const readContext = async () => {
    const { createContext } = await import('./context.ts');
    context ??= createContext(host, () => program.opts<GlobalOptions>());
    return context;
  };
  for (const entry of commands) {
    const isLoaded = loaded.includes(entry);
    program.addCommand(
      isLoaded ? await createCommand(entry, readContext, host) : toNameOnly(entry),
    );
  }
  return () => context?.exitCode() ?? exitCodes.OK;
}

function toNameOnly({ name, does }: CommandEntry): Command {
  return new Command(name).description(does);
}

/**
 * Applies settings to a command and its subcommands. `addCommand` passes none on, and `copyInheritedSettings`
 * overwrites too many.
 */
function applySettings(command: Command, output: OutputConfiguration): void {
  command
    .helpOption('-h, --help', 'print this')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput(output)
    .exitOverride();
  for (const subcommand of command.commands) applySettings(subcommand, output);
}
