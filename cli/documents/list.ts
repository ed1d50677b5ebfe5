/** `routes list`, `consumers list`. */
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { withExamples } from '../examples.ts';
import { readTree } from '../parameters.ts';
import type { Kind } from './kinds.ts';

export function createListCommand(context: Context, kind: Kind): Command {
  const command = new Command('list')
    .description(`list the ${kind.name}`)
    .action(() => list(context, kind));
  return withExamples(command, [
    { does: `Every ${kind.singular} of the proxy`, run: `npx countersign ${kind.name} list` },
  ]);
}

async function list(context: Context, kind: Kind): Promise<void> {
  const prefix = `${context.settings().root()}/${kind.name}`;
  const parameters = await readTree(context.ssm(), prefix);
  const rows = parameters.map(({ name, version }) => ({
    id: name.slice(prefix.length + 1),
    version,
  }));
  context
    .output()
    .result(rows, () => rows.map(({ id, version }) => `${id}  v${version}`).join('\n'));
}
