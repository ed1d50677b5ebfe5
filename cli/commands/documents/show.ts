/** `routes show`, `consumers show` and so on. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Kind } from '../../documents/kinds.ts';
import { idArgument, parseVersion, reveal } from '../../documents/options.ts';
import { requireHistory, requireStored, requireVersion } from '../../documents/stored.ts';
import { layOut } from '../../plan/text-diff.ts';
import type { StoredParameter } from '../../store/parameters.ts';
import { withExamples } from '../../terminal/examples.ts';
import { findJson } from '../../terminal/json.ts';
import { mask } from '../../terminal/mask.ts';

interface ShowOptions {
  /** The option is not called `version`, because commander uses this name itself. */
  readonly at?: number;
  readonly reveal?: boolean;
}

/** Creates `show`, which masks secret values unless `--reveal` is given. It fails with `NOT_FOUND`. */
export function createShowCommand(context: Context, kind: Kind): Command {
  const { command: name, exampleId } = kind;
  const command = new Command('show')
    .description(`print a ${kind.singular} document`)
    .addArgument(idArgument(kind))
    .option('--at <version>', 'an older version (history lists them)', parseVersion)
    .addOption(reveal())
    .action((id: string, options: ShowOptions) => show(context, kind, id, options));
  return withExamples(command, [
    { does: 'The document in Parameter Store', run: `npx countersign ${name} show ${exampleId}` },
    {
      does: 'An older version of it, into a file',
      run: `npx countersign ${name} show ${exampleId} --at 1 --reveal > ${exampleId}.json`,
    },
  ]);
}

async function show(context: Context, kind: Kind, id: string, options: ShowOptions) {
  const { at } = options;
  const found: StoredParameter =
    at === undefined
      ? await requireStored(context, kind, id)
      : requireVersion(await requireHistory(context, kind, id), at);
  const { name: parameter, version, type, modified } = found;
  const isConsumer = kind.name === 'consumers';
  const text = layOut(found.value, { reveal: options.reveal ?? false, isConsumer });
  const output = context.output();
  // Text that is not valid JSON is shown unchanged.
  const document = findJson(text)?.value ?? text;
  output.result({ id, parameter, version, type, modified, document }, () => text);
  if (output.isJson) return;
  output.note(`${parameter}, version ${version}${modified ? ` of ${modified.toISOString()}` : ''}`);
  if (text.includes(mask)) output.note('Secret values are masked; --reveal shows them.');
}
