/** `routes put`, `consumers put`. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { assertBase, readBase, toNextBase, writeBase } from '../../documents/base.ts';
import { type DocumentFile, isFolder, readFile, readFolder } from '../../documents/files.ts';
import type { Kind } from '../../documents/kinds.ts';
import {
  toRunOptions,
  verbose,
  type WritingOptions,
  writingOptions,
  yes,
} from '../../documents/options.ts';
import { readStored } from '../../documents/stored.ts';
import { toPlan, type Wanted } from '../../plan/plan.ts';
import { runPlan } from '../../plan/run.ts';
import { CliError } from '../../terminal/cli-error.ts';
import { withExamples } from '../../terminal/examples.ts';

interface PutOptions extends WritingOptions {
  readonly id?: string;
  readonly prune?: boolean;
}

/** Creates `put`. It fails with `INVALID`, `CONFLICT` or `DECLINED`. */
export function createPutCommand(context: Context, kind: Kind): Command {
  const { name, singular, exampleId } = kind;
  const command = new Command('put')
    .description(
      `add or change ${name}; only valid documents are written, after showing the change`,
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
      run: `npx countersign ${name} put ${name}/ --prune --dry-run`,
    },
    {
      does: 'Make it so, without a question',
      run: `npx countersign ${name} put ${name}/ --prune --yes`,
    },
  ]);
}

async function put(context: Context, kind: Kind, files: string[], options: PutOptions) {
  const { id, prune = false, ...rest } = options;
  const folder = findFolder(files, options);
  const found = folder === undefined ? await readAll(context, files, id) : readFolder(folder);
  const stored = await readStored(context, kind);
  const changes = toPlan(found.map(toWanted), stored, { prune });
  const ask = folder !== undefined || files.length > 1;
  const base = folder === undefined ? undefined : readBase(context, kind, folder);
  if (!rest.force) assertBase(base, changes);
  const outcomes = await runPlan(context, kind, changes, { ...toRunOptions(rest), ask, stored });
  if (folder === undefined || base === undefined || rest.dryRun) return;
  writeBase(context, kind, folder, toNextBase(base, changes, outcomes));
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

function toWanted({ id, text, file, origin }: DocumentFile): Wanted {
  return { id, text, source: file, origin };
}
