/** The words that may follow each command. */
import type { Command } from 'commander';

/** A word to complete. */
export interface Word {
  readonly word: string;
  readonly does: string;
}

/** A command and what may follow it. */
export interface CommandWords {
  /** Names of the command and its parents, without the program's: `routes list`; '' for the program. */
  readonly path: string;
  /** Subcommands, or values of the first argument if it has a fixed set. */
  readonly words: readonly Word[];
  readonly options: readonly Word[];
}

/** Lists every command of a program, with global options everywhere. */
export function toWords(program: Command): CommandWords[] {
  const global = toOptions(program);
  return listCommands(program, '').map(({ path, command }) => ({
    path,
    words: [
      ...command.commands.map((child) => ({ word: child.name(), does: describe(child) })),
      ...(command.registeredArguments[0]?.argChoices ?? []).map((word) => ({ word, does: '' })),
    ],
    options: path === '' ? global : [...toOptions(command), ...global],
  }));
}

function listCommands(command: Command, path: string): { path: string; command: Command }[] {
  const own = { path, command };
  const below = command.commands.flatMap((child) =>
    listCommands(child, path === '' ? child.name() : `${path} ${child.name()}`),
  );
  return [own, ...below];
}

function toOptions(command: Command): Word[] {
  return command.options.flatMap(({ long, description }) =>
    long ? [{ word: long, does: description }] : [],
  );
}

function describe(command: Command): string {
  return command.summary() || command.description();
}
