/** `put`: a folder with documents of several kinds. */
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { isFolder } from '../documents/files.ts';
import { findKindFolders } from '../documents/folders.ts';
import { kinds, kindsInOrder } from '../documents/kinds.ts';
import { verbose, writingOptions, yes } from '../documents/options.ts';
import { type PutFoldersOptions, putFolders } from '../plan/put-folders.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';

/** Creates `countersign put`. It fails with `INVALID`, `CONFLICT` or `DECLINED`. */
export function createPutFolderCommand(context: Context): Command {
  const command = new Command('put')
    .description(
      'add or change documents of all kinds in one plan; only valid documents are written, after showing the change',
    )
    .argument('<folder>', `with folders in it: ${listFolders()}`)
    .option('--prune', 'remove what is not in the folder, of the kinds that have a folder in it')
    .addOption(yes())
    .addOption(verbose());
  for (const option of writingOptions(kinds.consumers)) command.addOption(option);
  command.action((folder: string, options: PutFoldersOptions) => put(context, folder, options));
  return withExamples(command, [
    {
      does: 'What a folder with routes/, services/ and so on would change',
      run: 'npx countersign put documents/ --prune --dry-run',
    },
    {
      does: 'Make it so, without a question',
      run: 'npx countersign put documents/ --prune --yes',
    },
  ]);
}

async function put(context: Context, folder: string, options: PutFoldersOptions): Promise<void> {
  const parts = isFolder(folder) ? findKindFolders(folder) : [];
  if (parts.length === 0) {
    const hint = 'For files of one kind use a command such as `routes put`.';
    throw new CliError('USAGE', `${folder} has none of the folders ${listFolders()}.`, { hint });
  }
  await putFolders(context, parts, options);
}

function listFolders(): string {
  return [...kindsInOrder]
    .reverse()
    .map(({ name }) => name)
    .join(', ');
}
