/** `import`: documents from other proxies. */
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { createImportApisixCommand } from './import-apisix.ts';
import { createImportSigv4ProxyCommand } from './import-sigv4-proxy.ts';

/** Creates `countersign import`, the parent of one command for each other proxy. */
export function createImportCommand(context: Context): Command {
  return new Command('import')
    .addCommand(createImportApisixCommand(context))
    .addCommand(createImportSigv4ProxyCommand(context));
}
