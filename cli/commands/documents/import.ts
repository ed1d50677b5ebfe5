/** `routes import`, `consumers import`: what `export` wrote, in again. */
import { Command } from 'commander';
import { DocumentError } from '../../../functions/proxy/documents/document-error.ts';
import { parseJson } from '../../../functions/proxy/documents/json.ts';
import type { Context } from '../../context.ts';
import { assertId, readText } from '../../documents/files.ts';
import type { Kind } from '../../documents/kinds.ts';
import { toRunOptions, type WritingOptions, writingOptions, yes } from '../../documents/options.ts';
import { readStored } from '../../documents/stored.ts';
import { toPlan, type Wanted } from '../../plan/plan.ts';
import { runPlan } from '../../plan/run.ts';
import { readStdin } from '../../terminal/ask.ts';
import { CliError } from '../../terminal/cli-error.ts';
import { withExamples } from '../../terminal/examples.ts';

interface ImportOptions extends WritingOptions {
  readonly prune?: boolean;
}

/** Creates `import`, which writes all documents of one file. It fails with `INVALID`, `CONFLICT` or `DECLINED`. */
export function createImportCommand(context: Context, kind: Kind): Command {
  const { name } = kind;
  const command = new Command('import')
    .description(`put every ${kind.singular} of one JSON file, as export prints it`)
    .argument('<file>', `an object of ${name} by ${kind.idName}; - for stdin`)
    .option('--prune', 'remove what is not in it')
    .addOption(yes());
  for (const option of writingOptions(kind)) command.addOption(option);
  command.action((file: string, options: ImportOptions) => importAll(context, kind, file, options));
  return withExamples(command, [
    { does: 'What would change', run: `npx countersign ${name} import ${name}.json --dry-run` },
    {
      does: 'From one proxy to another',
      run: `npx countersign ${name} export --path /countersign/test | npx countersign ${name} import - --path /countersign/prod --yes`,
    },
  ]);
}

async function importAll(context: Context, kind: Kind, file: string, options: ImportOptions) {
  const { prune = false, ...rest } = options;
  const text = file === '-' ? await readStdin(context) : readText(file);
  const wanted = await parseBundle(text, file === '-' ? 'stdin' : file);
  const stored = await readStored(context, kind);
  const changes = toPlan(wanted, stored, { prune });
  await runPlan(context, kind, changes, { ...toRunOptions(rest), ask: true, stored });
}

async function parseBundle(text: string, source: string): Promise<Wanted[]> {
  const bundle = await parseJson(text).catch((error: unknown) => {
    if (!(error instanceof DocumentError)) throw error;
    throw new CliError('INVALID', `${source}: ${error.message}; nothing was written.`);
  });
  if (
    typeof bundle !== 'object' ||
    bundle === null ||
    Array.isArray(bundle) ||
    'plugins' in bundle
  ) {
    throw new CliError(
      'INVALID',
      `${source} is no object of documents by id; nothing was written.`,
      {
        hint: 'A single document goes in with put.',
      },
    );
  }
  return Object.entries(bundle).map(([id, document]) => ({
    id: assertId(id),
    text: typeof document === 'string' ? document : JSON.stringify(document, null, 2),
    source: `${source}#${id}`,
  }));
}
