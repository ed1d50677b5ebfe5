/** `routes export`, `consumers export` and so on. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { writeBase } from '../../documents/base.ts';
import { isId, type OutputFile, writeFiles } from '../../documents/files.ts';
import type { Kind } from '../../documents/kinds.ts';
import { readStored, type StoredDocument } from '../../documents/stored.ts';
import { layOut } from '../../plan/text-diff.ts';
import { withExamples } from '../../terminal/examples.ts';

/** Creates `export`, which writes to a folder. */
export function createExportCommand(context: Context, kind: Kind): Command {
  const { command: name, name: files } = kind;
  const secrets = files === 'consumers' ? ', secrets included' : '';
  const command = new Command('export')
    .description(`write every ${kind.singular} into files${secrets}`)
    .argument('<folder>', 'gets one file for each document')
    .option('--force', 'write over files that say something else')
    .action((folder: string, { force }: { readonly force?: boolean }) =>
      exportAll(context, kind, folder, force ?? false),
    );
  return withExamples(command, [
    {
      does: 'Into a folder, for git; put brings it back, and sees what others changed since',
      run: `npx countersign ${name} export ${files}/`,
    },
    {
      does: 'From one proxy; put with the --path of another takes it there',
      run: `npx countersign ${name} export ${files}/ --path /countersign/test`,
    },
  ]);
}

async function exportAll(context: Context, kind: Kind, folder: string, force: boolean) {
  const all = await readStored(context, kind);
  const stored = all.filter(({ id }) => isId(id));
  for (const { name } of all.filter(({ id }) => !isId(id))) {
    context.output().warn(`${name} is left out: its name cannot be a file name`);
  }
  const files = stored.map((document) => toFile(folder, kind, document));
  writeFiles(files, { folder, force, isPrivate: kind.type === 'SecureString' });
  mkdirSync(folder, { recursive: true });
  writeBase(
    context,
    kind,
    folder,
    Object.fromEntries(stored.map(({ id, version }) => [id, version])),
  );
  const written = files.map(({ file }) => file);
  context
    .output()
    .result({ folder, files: written }, () =>
      [
        ...written,
        `Exported ${written.length} ${written.length === 1 ? kind.singular : kind.plural}.`,
      ].join('\n'),
    );
  if (kind.type === 'SecureString')
    context.output().warn('The files contain secrets in clear text.');
}

function toFile(folder: string, kind: Kind, { id, value }: StoredDocument): OutputFile {
  const isConsumer = kind.name === 'consumers';
  const text = value.includes('\n') ? value : layOut(value, { reveal: true, isConsumer });
  return { file: join(folder, `${id}.json`), text: `${text.trimEnd()}\n` };
}
