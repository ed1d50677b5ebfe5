/** `import`: documents from other proxies. */
import { Command } from 'commander';
import { createImportApisixCommand } from './apisix.ts';
import type { Context } from './context.ts';

export function createImportCommand(context: Context): Command {
  return new Command('import')
    .description('take over routes and consumers from another proxy')
    .addCommand(createImportApisixCommand(context));
}
