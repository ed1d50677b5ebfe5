/** `routes enable`, `routes disable`: change the field `status`, and keep the rest of the text. */
import { Command } from 'commander';
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';
import type { Context } from '../../context.ts';
import type { Kind } from '../../documents/kinds.ts';
import {
  dryRun,
  force,
  idArgument,
  toRunOptions,
  type WritingOptions,
} from '../../documents/options.ts';
import { requireStored } from '../../documents/stored.ts';
import { toPlan } from '../../plan/plan.ts';
import { runPlan } from '../../plan/run.ts';
import { CliError } from '../../terminal/cli-error.ts';
import { withExamples } from '../../terminal/examples.ts';
import { findJson } from '../../terminal/json.ts';

/** Creates `enable` or `disable`, which sets the `status` of a route. */
export function createSwitchCommand(
  context: Context,
  kind: Kind,
  verb: 'enable' | 'disable',
): Command {
  const { exampleId } = kind;
  const does = verb === 'enable' ? 'put a route in force again' : 'take a route out of force';
  const command = new Command(verb)
    .description(`${does} (status ${verb === 'enable' ? 1 : 0}); its document stays`)
    .addArgument(idArgument(kind))
    .addOption(dryRun())
    .addOption(force())
    .action((id: string, options: WritingOptions) => {
      return setStatus(context, kind, id, { ...options, status: verb === 'enable' ? 1 : 0 });
    });
  return withExamples(command, [
    {
      does:
        verb === 'enable'
          ? 'Requests find it again'
          : 'Requests are answered as if the route did not exist',
      run: `npx countersign routes ${verb} ${exampleId}`,
    },
  ]);
}

interface SwitchOptions extends WritingOptions {
  readonly status: 0 | 1;
}

async function setStatus(context: Context, kind: Kind, id: string, options: SwitchOptions) {
  const { status, ...rest } = options;
  const before = { ...(await requireStored(context, kind, id)), id };
  const text = withStatus(before.value, status);
  if (text === undefined) {
    throw new CliError('INVALID', `routes/${id} is not a route object; nothing was written.`, {
      hint: `Correct it first: ${context.commandLine(`routes edit ${id}`)}`,
    });
  }
  const changes = toPlan(kind, [{ id, text, source: `routes/${id}` }], [before]);
  await runPlan(context, changes, { ...toRunOptions(rest), ask: false });
}

/** @returns the text with the new status of each of its routes; undefined if it contains no route */
function withStatus(text: string, status: 0 | 1): string | undefined {
  const document = findJson(text)?.value;
  if (typeof document !== 'object' || document === null) return undefined;
  const paths: JSONPath[] = Array.isArray(document)
    ? document.map((_, index) => [index, 'status'])
    : [['status']];
  const isMultiline = text.includes('\n');
  const formattingOptions = { tabSize: 2, insertSpaces: true, keepLines: isMultiline };
  return paths.reduce(
    (current, path) => applyEdits(current, modify(current, path, status, { formattingOptions })),
    text,
  );
}
