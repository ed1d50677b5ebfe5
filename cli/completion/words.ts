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

/**
 * Lists a program and all its commands, with global options everywhere.
 * @param commands the program's, with their arguments and options
 */
export function toWords(program: Command, commands: readonly Command[]): CommandWords[] {
  const global = toOptions(program);
  const others = commands.flatMap((command) => listCommands(command, command.name()));
  return [
    { path: '', words: commands.map(toWord), options: global },
    ...others.map(({ path, command }) => ({
      path,
      words: [
        ...command.commands.map(toWord),
        ...(command.registeredArguments[0]?.argChoices ?? []).map((word) => ({ word, does: '' })),
      ],
      options: [...toOptions(command), ...global],
    })),
  ];
}

function listCommands(command: Command, path: string): { path: string; command: Command }[] {
  const below = command.commands.flatMap((child) => listCommands(child, `${path} ${child.name()}`));
  return [{ path, command }, ...below];
}

function toWord(command: Command): Word {
  return { word: command.name(), does: command.summary() || command.description() };
}

function toOptions(command: Command): Word[] {
  return command.options.flatMap(({ long, description }) =>
    long ? [{ word: long, does: description }] : [],
  );
}
