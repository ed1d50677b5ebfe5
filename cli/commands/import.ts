/** `import`: documents from other proxies. */
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { createImportApisixCommand } from './import-apisix.ts';

/** Creates `countersign import`, the parent of `apisix`. */
export function createImportCommand(context: Context): Command {
  return new Command('import').addCommand(createImportApisixCommand(context));
}
