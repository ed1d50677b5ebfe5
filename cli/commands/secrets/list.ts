/** `secrets list`. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { findUses, listSecrets } from '../../documents/stored-secrets.ts';
import { withExamples } from '../../terminal/examples.ts';
import { renderTable, toMinute } from '../../terminal/table.ts';

/** Creates `secrets list`, which prints names and never a value. */
export function createListSecretsCommand(context: Context): Command {
  const command = new Command('list')
    .description('list the names of secrets, and the documents that refer to them')
    .action(() => list(context));
  return withExamples(command, [
    { does: 'Names and uses; never a value', run: 'npx countersign secrets list' },
  ]);
}

async function list(context: Context): Promise<void> {
  const [secrets, uses] = await Promise.all([listSecrets(context), findUses(context)]);
  const output = context.output();
  const rows = secrets.map(({ name, version, type, modified }) => {
    const usedBy = uses.get(name) ?? [];
    return { name, version, type, modified: modified?.toISOString(), usedBy };
  });
  output.result(rows, () => {
    if (rows.length === 0) {
      return `No secrets. Set one: ${context.commandLine('secrets set partner-key')}`;
    }
    const lines = rows.map(({ name, version, modified, usedBy }) => [
      name,
      String(version),
      toMinute(modified),
      usedBy.join(' ') || output.paint('dim', 'nothing'),
    ]);
    return renderTable([['NAME', 'VERSION', 'CHANGED', 'USED BY'], ...lines]);
  });
  for (const { name, type } of rows) {
    if (type !== 'SecureString') {
      output.warn(`${name} is stored unencrypted (${type}): remove it and set it again`);
    }
  }
  const known = new Set(rows.map(({ name }) => name));
  for (const [name, usedBy] of uses) {
    if (!known.has(name)) output.warn(`${usedBy.join(', ')} refers to ${name}, which is not set`);
  }
}
