/** `routes put`, `consumers put` and so on. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { type DocumentFile, isFolder, readFile } from '../../documents/files.ts';
import type { Kind } from '../../documents/kinds.ts';
import {
  toRunOptions,
  verbose,
  type WritingOptions,
  writingOptions,
  yes,
} from '../../documents/options.ts';
import { readRelated } from '../../documents/stored.ts';
import { toPlan } from '../../plan/plan.ts';
import { putFolders, toWanted } from '../../plan/put-folders.ts';
import { runPlan } from '../../plan/run.ts';
import { CliError } from '../../terminal/cli-error.ts';
import { withExamples } from '../../terminal/examples.ts';

interface PutOptions extends WritingOptions {
  readonly id?: string;
  readonly prune?: boolean;
}

/** Creates `put`. It fails with `INVALID`, `CONFLICT` or `DECLINED`. */
export function createPutCommand(context: Context, kind: Kind): Command {
  const { command: name, name: folder, plural, singular, exampleId } = kind;
  const command = new Command('put')
    .description(
      `add or change ${plural}; only valid documents are written, after showing the change`,
    )
    .argument(
      '<file...>',
      `files named <${kind.idName}>.json or .yaml, a folder of them, or - for stdin (JSON)`,
    )
    .option('--id <id>', `${kind.idName} of the document, in place of the file’s name`)
    .option('--prune', 'with a folder: remove what is not in it')
    .addOption(yes())
    .addOption(verbose());
  for (const option of writingOptions(kind)) command.addOption(option);
  command.action((files: string[], options: PutOptions) => put(context, kind, files, options));
  return withExamples(command, [
    {
      does: `Add or change the ${singular} ${exampleId}`,
      run: `npx countersign ${name} put ${exampleId}.json`,
    },
    {
      does: 'The same from a pipe',
      run: `cat ${exampleId}.json | npx countersign ${name} put - --id ${exampleId}`,
    },
    {
      does: 'What a whole folder would change',
      run: `npx countersign ${name} put ${folder}/ --prune --dry-run`,
    },
    {
      does: 'Make it so, without a question',
      run: `npx countersign ${name} put ${folder}/ --prune --yes`,
    },
  ]);
}

async function put(context: Context, kind: Kind, files: string[], options: PutOptions) {
  const { id, prune: _, ...rest } = options;
  const folder = findFolder(files, options);
  if (folder !== undefined) return putFolders(context, [{ kind, folder }], options);
  const found = await readAll(context, files, id);
  const stored = await readRelated(context, [kind]);
  const changes = toPlan(kind, found.map(toWanted), stored.get(kind.name)?.documents ?? []);
  const ask = files.length > 1;
  await runPlan(context, changes, { ...toRunOptions(rest), ask, stored });
}

/** @throws CliError USAGE for options that exclude each other */
function findFolder(files: readonly string[], { id, prune }: PutOptions): string | undefined {
  const folder = files.find(isFolder);
  if (folder !== undefined && (files.length > 1 || id !== undefined)) {
    throw new CliError('USAGE', `${folder} is a folder: give no other file and no --id with it.`);
  }
  if (id !== undefined && files.length > 1) {
    throw new CliError('USAGE', '--id names one document, but several files are given.');
  }
  if (prune && folder === undefined) {
    throw new CliError(
      'USAGE',
      '--prune needs a folder: it removes documents that the folder does not contain.',
    );
  }
  return folder;
}

async function readAll(
  context: Context,
  files: readonly string[],
  id: string | undefined,
): Promise<DocumentFile[]> {
  const found: DocumentFile[] = [];
  for (const file of files) found.push(await readFile(context, file, id));
  return found;
}
