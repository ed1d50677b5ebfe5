/** `routes remove`, `consumers remove` and so on. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Kind } from '../../documents/kinds.ts';
import { dryRun, force, toRunOptions, type WritingOptions, yes } from '../../documents/options.ts';
import { requireStored } from '../../documents/stored.ts';
import { toRemoval } from '../../plan/plan.ts';
import { runPlan } from '../../plan/run.ts';
import { withExamples } from '../../terminal/examples.ts';

/** Creates `remove`. It fails with `NOT_FOUND`, `CONFLICT` or `DECLINED`. */
export function createRemoveCommand(context: Context, kind: Kind): Command {
  const { command: name, plural, singular, exampleId } = kind;
  const command = new Command('remove')
    .description(`remove ${plural}, with their history`)
    .argument(`<${kind.idName}...>`, `of the ${plural}`)
    .addOption(yes())
    .addOption(dryRun())
    .addOption(force())
    .action((ids: string[], options: WritingOptions) => remove(context, kind, ids, options));
  return withExamples(command, [
    {
      does: `Remove the ${singular} ${exampleId}`,
      run: `npx countersign ${name} remove ${exampleId} --yes`,
    },
  ]);
}

async function remove(context: Context, kind: Kind, ids: string[], options: WritingOptions) {
  const changes = [];
  for (const id of new Set(ids)) {
    changes.push(toRemoval(kind, { ...(await requireStored(context, kind, id)), id }));
  }
  const { name } = kind;
  const keep = name === 'routes' ? `; \`${name} disable\` keeps it` : '';
  context.output().note(`Parameter Store forgets the history of what is removed${keep}.`);
  await runPlan(context, changes, { ...toRunOptions(options), ask: true });
}
