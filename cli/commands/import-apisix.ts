/** `import apisix`. */
import { Command, Option } from 'commander';
import { convertApisix } from '../apisix/convert.ts';
import { parseApisix } from '../apisix/read.ts';
import type { Context } from '../context.ts';
import { readText } from '../documents/files.ts';
import { kinds } from '../documents/kinds.ts';
import { verbose, type WritingOptions, writingOptions, yes } from '../documents/options.ts';
import { deliver } from '../import/deliver.ts';
import { moveSecrets } from '../import/move-secrets.ts';
import { readStdin } from '../terminal/ask.ts';
import { withExamples } from '../terminal/examples.ts';

interface ImportOptions extends WritingOptions {
  readonly keepKeys?: boolean;
  readonly limits?: 'dynamodb';
  readonly out?: string;
  readonly secrets?: boolean;
}

/** Creates `countersign import apisix`. It fails with `FOUND` if a document was left out. */
export function createImportApisixCommand(context: Context): Command {
  const command = new Command('apisix')
    .description('convert the objects of Apache APISIX to documents, and report what is left out')
    .argument(
      '<file>',
      'responses of its Admin API, or the apisix.yaml of standalone mode; - for stdin',
    )
    .option('--keep-keys', 'keep static AWS keys; without it the proxy’s role signs in their place')
    .addOption(
      new Option('--limits <policy>', 'policy of limits that count in Redis').choices(['dynamodb']),
    )
    .option('--secrets', 'write clear-text keys as secrets, and references to them into documents')
    .option('--out <folder>', 'write files instead of parameters, to review and put later')
    .addOption(yes())
    .addOption(verbose());
  for (const option of writingOptions(kinds.consumers)) command.addOption(option);
  command.action((file: string, options: ImportOptions) => importApisix(context, file, options));
  return withExamples(command, [
    {
      does: 'Into files, to review and then put',
      run: 'npx countersign import apisix apisix.yaml --out apisix/',
    },
    {
      does: 'Into Parameter Store, once the plan is agreed to',
      run: 'npx countersign import apisix apisix.yaml --yes',
    },
    {
      does: 'With keys as secrets, which the documents refer to',
      run: 'npx countersign import apisix apisix.yaml --secrets --yes',
    },
    {
      does: 'With limits of Redis in the proxy’s table',
      run: 'npx countersign import apisix apisix.yaml --limits dynamodb --out apisix/',
    },
  ]);
}

async function importApisix(context: Context, file: string, options: ImportOptions): Promise<void> {
  const { keepKeys = false, limits, secrets = false, ...rest } = options;
  const text = file === '-' ? await readStdin(context) : readText(file);
  const resources = parseApisix(text, file === '-' ? 'stdin' : file);
  const converted = convertApisix(resources, { keepKeys, limits, moveKeys: secrets });
  const conversion = secrets ? moveSecrets(converted) : converted;
  const checking = limits === undefined ? context : withLimitTable(context);
  await deliver(checking, conversion, { ...rest, source: file });
}

/** Who asks for `dynamodb` is told that the proxy needs a table, so the documents are checked as if it had one. */
function withLimitTable(context: Context): Context {
  const settings = () => {
    const own = context.settings();
    return { ...own, limitTable: own.limitTable ?? 'assumed' };
  };
  return { ...context, settings };
}
