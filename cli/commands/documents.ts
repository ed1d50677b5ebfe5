/** `routes`, `consumers`, `services` and so on: the same subcommands for all kinds of documents. */
import { Command } from 'commander';
import type { Context } from '../context.ts';
import type { Kind } from '../documents/kinds.ts';
import { createDiffCommand } from './documents/diff.ts';
import { createEditCommand } from './documents/edit.ts';
import { createExportCommand } from './documents/export.ts';
import { createHistoryCommand } from './documents/history.ts';
import { createListCommand } from './documents/list.ts';
import { createPutCommand } from './documents/put.ts';
import { createRemoveCommand } from './documents/remove.ts';
import { createRollbackCommand } from './documents/rollback.ts';
import { createShowCommand } from './documents/show.ts';
import { createSwitchCommand } from './documents/switch.ts';

type CreateCommand = (context: Context, kind: Kind) => Command;

const switches: readonly CreateCommand[] = [
  (context, kind) => createSwitchCommand(context, kind, 'enable'),
  (context, kind) => createSwitchCommand(context, kind, 'disable'),
];

/** The subcommands in the order of `--help`. Only a route has a `status` to change. */
const toVerbs = (kind: Kind): readonly CreateCommand[] => [
  createListCommand,
  createShowCommand,
  createPutCommand,
  createEditCommand,
  createRemoveCommand,
  ...(kind.name === 'routes' ? switches : []),
  createDiffCommand,
  createHistoryCommand,
  createRollbackCommand,
  createExportCommand,
];

/** Creates the command of a kind, such as `countersign routes`, with all its subcommands. */
export function createDocumentCommands(context: Context, kind: Kind): Command {
  const command = new Command(kind.command);
  for (const create of toVerbs(kind)) command.addCommand(create(context, kind));
  return command;
}
