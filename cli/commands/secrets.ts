/**
 * `secrets`: the values of `$secret://ssm/<name>` references. No command prints a value, or takes one as an argument.
 */
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { createListSecretsCommand } from './secrets/list.ts';
import { createRemoveSecretCommand } from './secrets/remove.ts';
import { createSetSecretCommand } from './secrets/set.ts';

/** Creates `countersign secrets`, with its subcommands. */
export function createSecretsCommand(context: Context): Command {
  const command = new Command('secrets');
  const all = [createSetSecretCommand, createListSecretsCommand, createRemoveSecretCommand];
  for (const create of all) command.addCommand(create(context));
  return command;
}
