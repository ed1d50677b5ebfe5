/** `routes` and `consumers`: the same verbs on two kinds of documents. */
import { Command } from 'commander';
import type { Context } from './context.ts';
import { type KindName, kinds } from './documents/kinds.ts';
import { createListCommand } from './documents/list.ts';

const verbs = [createListCommand];

export function createDocumentCommands(context: Context, name: KindName): Command {
  const kind = kinds[name];
  const command = new Command(name).description(
    `list, show, change and restore ${kind.singular} documents`,
  );
  for (const create of verbs) command.addCommand(create(context, kind));
  return command;
}
