/** `import sigv4-proxy`. */
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { readText } from '../documents/files.ts';
import { kinds } from '../documents/kinds.ts';
import { verbose, type WritingOptions, writingOptions, yes } from '../documents/options.ts';
import { deliver } from '../import/deliver.ts';
import { convertSigv4Proxy } from '../sigv4-proxy/convert.ts';
import { type CommandLine, findCommandLines } from '../sigv4-proxy/find.ts';
import { isFlag } from '../sigv4-proxy/flags.ts';
import { readStdin } from '../terminal/ask.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';

interface ImportOptions extends WritingOptions {
  readonly uri?: string;
  readonly id?: string;
  readonly out?: string;
}

/** Creates `countersign import sigv4-proxy`. It fails with `FOUND` if a route was left out. */
export function createImportSigv4ProxyCommand(context: Context): Command {
  const command = new Command('sigv4-proxy')
    .description(
      'convert the flags of aws-sigv4-proxy to a route, and report what is left out. They come from a manifest of Kubernetes, Compose or ECS, a Dockerfile or a script, or stand behind --.',
    )
    .argument('<source...>', 'a file, - for stdin, or -- and the flags themselves')
    .option('--uri <uri>', 'path of the route (/*)')
    .option('--id <id>', 'id of the route (the container’s name)')
    .option('--out <folder>', 'write files instead of parameters, to review and put later')
    .addOption(yes())
    .addOption(verbose());
  for (const option of writingOptions(kinds.routes)) command.addOption(option);
  command.action((source: readonly string[], options: ImportOptions) =>
    importSigv4Proxy(context, source, options),
  );
  return withExamples(command, [
    {
      does: 'From a manifest into files, to review and then put',
      run: 'npx countersign import sigv4-proxy deployment.yaml --out sigv4-proxy/',
    },
    {
      does: 'From the flags themselves',
      run: 'npx countersign import sigv4-proxy --id orders --out sigv4-proxy/ -- --host abc123.execute-api.eu-west-1.amazonaws.com --duplicate-headers Authorization',
    },
  ]);
}

async function importSigv4Proxy(
  context: Context,
  source: readonly string[],
  { uri, id, ...options }: ImportOptions,
): Promise<void> {
  const [first = ''] = source;
  const place = isFlag(first) ? 'the flags' : first === '-' ? 'stdin' : first;
  const lines = await readLines(context, source);
  if (lines.length > 1 && (uri !== undefined || id !== undefined)) {
    const found = `${place} starts aws-sigv4-proxy ${lines.length} times`;
    throw new CliError('USAGE', `${found}: each route has its own path and id.`, {
      hint: 'Leave --uri and --id out, and edit the documents that --out writes.',
    });
  }
  const named = lines.map((line) => ({ ...line, name: id ?? line.name }));
  const conversion = convertSigv4Proxy(named, { source: place, uri });
  await deliver(context, conversion, { ...options, source: place });
}

async function readLines(context: Context, source: readonly string[]): Promise<CommandLine[]> {
  const [first = '', ...others] = source;
  if (isFlag(first)) return [{ name: 'aws-sigv4-proxy', words: source }];
  if (others.length > 0) {
    throw new CliError('USAGE', `Found ${others.length + 1} files, expected one.`, {
      hint: 'Flags of aws-sigv4-proxy stand behind --.',
    });
  }
  const text = first === '-' ? await readStdin(context) : readText(first);
  return findCommandLines(text, first === '-' ? 'stdin' : first);
}
