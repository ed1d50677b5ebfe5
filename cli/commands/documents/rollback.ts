/** `routes rollback`, `consumers rollback` and so on. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Kind } from '../../documents/kinds.ts';
import {
  idArgument,
  parseVersion,
  toRunOptions,
  type WritingOptions,
  writingOptions,
} from '../../documents/options.ts';
import { requireHistory, requireStored, requireVersion } from '../../documents/stored.ts';
import { toPlan } from '../../plan/plan.ts';
import { runPlan } from '../../plan/run.ts';
import { withExamples } from '../../terminal/examples.ts';

interface RollbackOptions extends WritingOptions {
  readonly to: number;
}

/**
 * Creates `rollback`, which writes an older version as the newest one. It fails with `NOT_FOUND`, `INVALID` or
 * `CONFLICT`.
 */
export function createRollbackCommand(context: Context, kind: Kind): Command {
  const { command: name, exampleId } = kind;
  const command = new Command('rollback')
    .description('write an older version again as the newest one')
    .addArgument(idArgument(kind))
    .requiredOption('--to <version>', 'version to go back to (history lists them)', parseVersion);
  for (const option of writingOptions(kind)) command.addOption(option);
  command.action((id: string, options: RollbackOptions) => rollback(context, kind, id, options));
  return withExamples(command, [
    { does: 'Back to version 1', run: `npx countersign ${name} rollback ${exampleId} --to 1` },
  ]);
}

async function rollback(context: Context, kind: Kind, id: string, options: RollbackOptions) {
  const { to, ...rest } = options;
  const before = { ...(await requireStored(context, kind, id)), id };
  const { value } = requireVersion(await requireHistory(context, kind, id), to);
  const source = `version ${to} of ${kind.name}/${id}`;
  const changes = toPlan(kind, [{ id, text: value, source }], [before]);
  await runPlan(context, changes, { ...toRunOptions(rest), ask: false });
}
