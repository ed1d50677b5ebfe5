/** Examples of a command: printed by its `--help`, shown in docs/cli.md, and run by a test. */
import type { Command } from 'commander';

/** An example in `--help` and in docs/cli.md; tests run it. */
export interface Example {
  /** What it does, as a short sentence without full stop. */
  readonly does: string;
  /** The command line, from `countersign` on; it may begin with a pipe. */
  readonly run: string;
}

const known = new WeakMap<Command, readonly Example[]>();

/** Adds examples to a command and to its `--help`. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  known.set(command, examples);
  const lines = examples.map(({ does, run }) => `  # ${does}\n  ${run}\n`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** The examples of a command, those of its subcommands not among them. */
export function examplesOf(command: Command): readonly Example[] {
  return known.get(command) ?? [];
}
