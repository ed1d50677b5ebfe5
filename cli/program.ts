/** The command line: global options, every command, and how each run ends. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { CliError, toCliError } from './cli-error.ts';
import { type Context, createContext } from './context.ts';
import { createDoctorCommand } from './doctor.ts';
import { createDocumentCommands } from './documents.ts';
import { exitCodes } from './exit-codes.ts';
import { createExplainCommand } from './explain.ts';
import type { Host } from './host.ts';
import { createInvokeCommand } from './invoke.ts';
import { createLogsCommand } from './logs.ts';
import { createOutput } from './output.ts';
import { createPolicyCommand } from './policy.ts';
import type { GlobalOptions } from './settings.ts';

/** Every command, in the order of `--help`; each is made by one function of one file. */
const commands: readonly ((context: Context) => Command)[] = [
  (context) => createDocumentCommands(context, 'routes'),
  (context) => createDocumentCommands(context, 'consumers'),
  createExplainCommand,
  createPolicyCommand,
  createDoctorCommand,
  createInvokeCommand,
  createLogsCommand,
];

/** Runs one command line; → the exit status. Whatever goes wrong is printed here, as a sentence. */
export async function runCli(args: readonly string[], host: Host): Promise<number> {
  const { program, context } = createProgram(host);
  try {
    await program.parseAsync(args, { from: 'user' });
    return context.exitCode();
  } catch (error) {
    // Help and version have been printed by commander, asked for (0) or because no command was named (1).
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.OK;
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.USAGE;
    const failure = error instanceof CommanderError ? toUsageError(error) : toCliError(error);
    // A command line that could not be parsed has no options to ask.
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

/** The program, not yet run: also what the docs and their tests read the help from. */
export function createProgram(host: Host): { program: Command; context: Context } {
  const program = new Command('countersign');
  const context = createContext(host, () => program.opts<GlobalOptions>());
  program
    .description('Sees to the routes, consumers and secrets of a Countersign proxy.')
    .option('--profile <name>', 'AWS profile (AWS_PROFILE)')
    .option('--region <region>', 'AWS region (AWS_REGION, or the profile’s)')
    .option('--path <path>', 'root of the proxy’s documents (COUNTERSIGN_PARAMETER_PATH)')
    .option(
      '--endpoint-url <url>',
      'AWS endpoint, such as the local stack’s (AWS_ENDPOINT_URL_SSM)',
    )
    .option('--json', 'results on stdout and errors on stderr as JSON')
    .option('--no-color', 'no colours; there are none outside of a terminal (NO_COLOR)')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpCommand(false)
    .helpOption('-h, --help', 'print this')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      // Printed with the rest, in one form, where the run ends.
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  for (const create of commands) program.addCommand(create(context));
  inheritSettings(program);
  return { program, context };
}

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** `addCommand` leaves a command with settings of its own. */
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}
