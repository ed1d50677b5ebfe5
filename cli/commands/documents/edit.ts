/** `routes edit`, `consumers edit` and so on. */
import { Command } from 'commander';
import { type Context, toShellWord } from '../../context.ts';
import { createDraft, type Draft } from '../../documents/draft.ts';
import type { Kind } from '../../documents/kinds.ts';
import {
  idArgument,
  toRunOptions,
  type WritingOptions,
  writingOptions,
  yes,
} from '../../documents/options.ts';
import { findStored, type StoredDocument } from '../../documents/stored.ts';
import { toTemplate } from '../../documents/templates.ts';
import { toPlan } from '../../plan/plan.ts';
import { runPlan } from '../../plan/run.ts';
import { layOut } from '../../plan/text-diff.ts';
import { CliError, toCliError } from '../../terminal/cli-error.ts';
import { withExamples } from '../../terminal/examples.ts';

/** Creates `edit`. It fails with `INVALID` or `CONFLICT`, and then keeps the text in a file. */
export function createEditCommand(context: Context, kind: Kind): Command {
  const { command: name, singular, exampleId } = kind;
  const command = new Command('edit')
    .description(`change a ${singular} in $VISUAL or $EDITOR, or create a new one`)
    .addArgument(idArgument(kind));
  // There is no dry run, because it would discard the edited text.
  const options = [yes(), ...writingOptions(kind)].filter(({ long }) => long !== '--dry-run');
  for (const option of options) command.addOption(option);
  command.action((id: string, options: WritingOptions) => edit(context, kind, id, options));
  return withExamples(command, [
    {
      does: 'An invalid document is not written: you may edit it again, and nothing is lost',
      run: `EDITOR=nano npx countersign ${name} edit ${exampleId}`,
    },
  ]);
}

async function edit(context: Context, kind: Kind, id: string, options: WritingOptions) {
  const found = await findStored(context, kind, id);
  const before = found && { ...found, id };
  const output = context.output();
  if (!before) output.note(`There is no ${kind.singular} ${id} yet: this is a template.`);
  const isConsumer = kind.name === 'consumers';
  const original = before ? toEditable(before.value, isConsumer) : toTemplate(kind, id);
  const draft = createDraft(context, id, original);
  await editUntilValid({ context, kind, id, before, draft, original, options }).catch(
    (error: unknown) => {
      if (draft.read() === original.trimEnd()) {
        draft.remove();
        throw error;
      }
      const command = `${kind.command} put ${toShellWord(draft.file)} --id ${id}`;
      throw keepingDraft(error, draft.file, context.commandLine(command));
    },
  );
  draft.remove();
}

/** Adds to an error the path of the file that contains the edited text. */
function keepingDraft(error: unknown, file: string, command: string): CliError {
  const { code, message, hint, details, cause, isChoice } = toCliError(error);
  return new CliError(code, message, {
    isChoice,
    hint: [hint, `Your text is still there: ${command}`].filter(Boolean).join('\n'),
    details: { ...details, draft: file },
    cause,
  });
}

interface Editing {
  readonly context: Context;
  readonly kind: Kind;
  readonly id: string;
  readonly before: StoredDocument | undefined;
  readonly draft: Draft;
  readonly original: string;
  readonly options: WritingOptions;
}

async function editUntilValid(editing: Editing): Promise<void> {
  const { context, draft, original } = editing;
  let isDone = false;
  while (!isDone) {
    await draft.edit();
    const text = draft.read();
    if (text === original.trimEnd()) {
      context.output().result({ dryRun: false, changes: [] }, () => 'Nothing was changed.');
      return;
    }
    isDone = await writeOrExplain(editing, text);
  }
}

/** @returns whether the text was written; false if the person wants to edit again */
async function writeOrExplain(editing: Editing, text: string): Promise<boolean> {
  const { context, kind, id, before, options } = editing;
  const wanted = [{ id, text, source: `${id}.json` }];
  const changes = toPlan(kind, wanted, before ? [before] : []);
  try {
    await runPlan(context, changes, { ...toRunOptions(options), ask: false });
    return true;
  } catch (error) {
    const isInvalid = error instanceof CliError && error.code === 'INVALID';
    const { prompts } = context.host;
    if (!isInvalid || !prompts) throw error;
    context.output().error(error);
    if (await prompts.askYesNo('Edit again?', true)) return false;
    throw toRefusal(error);
  }
}

/** The error of the whole command. The places have been printed already. */
function toRefusal({ code, details }: CliError): CliError {
  return new CliError(code, 'Nothing was written.', { details, isChoice: true });
}

/** Indents the document, unless it contains line breaks already. */
function toEditable(text: string, isConsumer: boolean): string {
  return text.includes('\n') ? text : layOut(text, { reveal: true, isConsumer });
}
