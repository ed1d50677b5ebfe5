/** The promises of the CLI: commands, arguments, options and exit statuses. */
import { Writable } from 'node:stream';
import type { Argument, Command, Option } from 'commander';
import { createProgram } from '../../cli/program.ts';
import { exitCodes } from '../../cli/terminal/exit-codes.ts';

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });

/** Lines about everything that a script of a user writes or reads. */
export async function listCommandPromises(): Promise<readonly string[]> {
  const host = { env: {}, stdin: process.stdin, stdout: nowhere, stderr: nowhere };
  const { program } = await createProgram(host as unknown as Parameters<typeof createProgram>[0]);
  return [
    ...toLines(program, 'countersign'),
    ...Object.entries(exitCodes).map(([name, status]) => `exit ${name} = ${status}`),
  ];
}

function toLines(command: Command, path: string): readonly string[] {
  return [
    `command ${path}`,
    ...command.aliases().map((alias) => `command ${path} = alias ${alias}`),
    ...command.registeredArguments.flatMap((argument) => toArgument(argument, path)),
    ...toNeeds(command, path),
    ...command.options.flatMap((option) => toOption(option, path)),
    ...command.commands.flatMap((child) => toLines(child, `${path} ${child.name()}`)),
  ];
}

function toArgument(argument: Argument, path: string): readonly string[] {
  const { variadic, argChoices = [] } = argument;
  const name = `command ${path} <${argument.name()}>`;
  return [
    `${name} = ${variadic ? 'one or more' : 'one'}`,
    ...argChoices.map((choice) => `${name} = ${choice}`),
  ];
}

/** What may not be left out. */
function toNeeds({ registeredArguments, options }: Command, path: string): readonly string[] {
  const needed = [
    ...registeredArguments.filter(({ required }) => required).map((one) => `<${one.name()}>`),
    ...options.filter(({ mandatory }) => mandatory).map(({ long, flags }) => long ?? flags),
  ];
  return needed.length === 0 ? [] : [`command ${path} = requires ${needed.join(', ')}`];
}

function toOption(option: Option, path: string): readonly string[] {
  const { long, short, flags, required, optional, defaultValue, argChoices = [] } = option;
  const name = `command ${path} ${long ?? short ?? flags}`;
  const value = required ? 'takes a value' : optional ? 'may take a value' : 'takes no value';
  return [
    `${name} = ${value}`,
    ...(short && long ? [`${name} = also ${short}`] : []),
    ...(defaultValue === undefined ? [] : [`${name} = default ${JSON.stringify(defaultValue)}`]),
    ...argChoices.map((choice) => `${name} = ${choice}`),
  ];
}
