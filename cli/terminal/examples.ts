/** Examples of a command. `--help` prints them, docs/cli.md shows them, and a test runs them. */
import type { Command } from 'commander';

/** An example in `--help` and in docs/cli.md; tests run it. */
export interface Example {
  /** What the command does, as a short sentence without a full stop. */
  readonly does: string;
  /** The command line, beginning with `countersign` or a pipe into it. */
  readonly run: string;
}

const known = new WeakMap<Command, readonly Example[]>();

/** Adds examples to a command and to its `--help`. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  known.set(command, examples);
  const lines = examples.map(({ does, run }) => `  # ${does}\n  ${run}\n`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** The examples of a command, without those of its subcommands. */
export function examplesOf(command: Command): readonly Example[] {
  return known.get(command) ?? [];
}
