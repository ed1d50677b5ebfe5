/** The command line: global options, all commands, and the end of each run. */
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { createCheckCommand } from './commands/check.ts';
import { createCompletionCommand } from './commands/completion.ts';
import { createDevCommand } from './commands/dev.ts';
import { createDoctorCommand } from './commands/doctor.ts';
import { createDocumentCommands } from './commands/documents.ts';
import { createExplainCommand } from './commands/explain.ts';
import { createImportCommand } from './commands/import.ts';
import { createInitCommand } from './commands/init.ts';
import { createInvokeCommand } from './commands/invoke.ts';
import { createLogsCommand } from './commands/logs.ts';
import { createPolicyCommand } from './commands/policy.ts';
import { createSchemaCommand } from './commands/schema.ts';
import { createSecretsCommand } from './commands/secrets.ts';
import { type Context, createContext } from './context.ts';
import type { GlobalOptions } from './settings.ts';
import { CliError, toCliError } from './terminal/cli-error.ts';
import { exitCodes } from './terminal/exit-codes.ts';
import type { Host } from './terminal/host.ts';
import { createOutput } from './terminal/output.ts';

/** The commands in the order of `--help`. One function in one file creates each. */
const commands: readonly ((context: Context) => Command)[] = [
  (context) => createDocumentCommands(context, 'routes'),
  (context) => createDocumentCommands(context, 'consumers'),
  createSecretsCommand,
  createCheckCommand,
  createExplainCommand,
  createDoctorCommand,
  createPolicyCommand,
  createInvokeCommand,
  createLogsCommand,
  createImportCommand,
  createSchemaCommand,
  createInitCommand,
  createDevCommand,
  createCompletionCommand,
];

/**
 * Runs one command line.
 * @returns the exit status. Every error is printed here, as a sentence
 */
export async function runCli(args: readonly string[], host: Host): Promise<number> {
  const { program, context } = createProgram(host);
  try {
    await program.parseAsync(args, { from: 'user' });
    return context.exitCode();
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

/** Creates the program without running it. Docs and tests read the help from it. */
export function createProgram(host: Host): { program: Command; context: Context } {
  const program = new Command('countersign');
  const context = createContext(host, () => program.opts<GlobalOptions>());
  program
    .description('Manages the routes, consumers and secrets of a Countersign proxy.')
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
  for (const create of commands) program.addCommand(create(context));
  applySettings(program, {
    writeOut: (text) => void host.stdout.write(text),
    writeErr: (text) => void host.stderr.write(text),
    // Errors are printed in one form, at the end of the run.
    outputError: () => {},
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  return { program, context };
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
