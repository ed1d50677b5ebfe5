/** `dev`: the local stack from anywhere, with a folder of documents that it follows. */
import { Command } from 'commander';
import type { StartOptions } from '../../local/start/options.ts';
import type { Context } from '../context.ts';
import { followFolder } from '../dev/follow.ts';
import { findParts } from '../dev/parts.ts';
import { isId } from '../documents/files.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { collect } from './request-options.ts';

interface DevOptions {
  readonly port?: string;
  readonly parameterStorePort?: string;
  readonly stateFile?: string;
  readonly snapshot?: boolean;
  readonly reset?: boolean;
  readonly env?: readonly string[];
  readonly secret?: readonly string[];
}

/** Creates `countersign dev`. It goes on until Ctrl-C, and fails with `USAGE` when the stack cannot start. */
export function createDevCommand(context: Context): Command {
  const command = new Command('dev')
    .description(
      'run the proxy, a Parameter Store and IAM-protected demo upstreams on 127.0.0.1. With a folder, its documents are the only ones: each change of a file is checked and takes effect. What is invalid is named, and the last valid documents stay.',
    )
    .argument(
      '[folder]',
      'with routes/, consumers/, services/ and so on in it, or routes alone; <id>.json or .yaml each',
    )
    .option('--port <n>', 'port of the proxy (3000, or the next free one)')
    .option('--parameter-store-port <n>', 'port of Parameter Store (3001, or the next free one)')
    .option('--state-file <path>', 'where parameters are kept (with a folder, in memory)')
    .option('--reset', 'forget the parameters that were kept, and begin with the demo as it was')
    .option('--snapshot', 'run a publisher and S3 as well, as a deployment does')
    .option('--env <NAME=VALUE>', 'a variable of the proxy; may be repeated', collect)
    .option(
      '--secret <NAME=VALUE>',
      'with a folder: a value that documents refer to as $secret://ssm/<NAME>; may be repeated',
      collect,
    )
    .action((folder: string | undefined, options: DevOptions) => dev(context, folder, options));
  return withExamples(command, [
    { does: 'The demo', run: 'npx countersign dev' },
    { does: 'Your own documents', run: 'npx countersign dev documents/' },
  ]);
}

async function dev(context: Context, folder: string | undefined, options: DevOptions) {
  const secrets = readSecrets(folder, options);
  if (folder !== undefined) findParts(folder);
  const { runStack } = await import('../../local/start/run.ts');
  const wanted = await readStartOptions(folder, options);
  const fill =
    folder === undefined
      ? undefined
      : (parameterStoreUrl: string) =>
          followFolder(context, { folder, parameterStoreUrl, env: wanted.env, secrets });
  await runStack({ ...wanted, fill }).catch(refuse);
}

/** As `npm start` reads them. */
async function readStartOptions(
  folder: string | undefined,
  options: DevOptions,
): Promise<StartOptions> {
  const { readOptions } = await import('../../local/start/options.ts');
  const { port, parameterStorePort, stateFile, snapshot, reset, env = [] } = options;
  const args = [
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(parameterStorePort === undefined ? [] : [`--parameter-store-port=${parameterStorePort}`]),
    ...(stateFile === undefined ? [] : [`--state-file=${stateFile}`]),
    ...(snapshot ? ['--snapshot'] : []),
    ...(reset ? ['--reset'] : []),
    ...(folder === undefined ? [] : ['--empty']),
    ...env.map((pair) => `--env=${pair}`),
  ];
  try {
    return readOptions(args);
  } catch (error) {
    return refuse(error);
  }
}

/** @throws CliError USAGE for what is no name with a value, without the value */
function readSecrets(folder: string | undefined, { secret: pairs = [] }: DevOptions) {
  if (folder === undefined && pairs.length > 0) {
    throw new CliError('USAGE', '--secret needs a folder of documents.');
  }
  const entries = pairs.map((pair) => {
    const [name = '', ...rest] = pair.split('=');
    if (rest.length > 0 && isId(name)) return [name, rest.join('=')] as const;
    const found = JSON.stringify(rest.length > 0 ? name : '…');
    throw new CliError('USAGE', `--secret: found the name ${found}, expected NAME=VALUE.`);
  });
  return Object.fromEntries(entries);
}

function refuse(error: unknown): never {
  throw new CliError('USAGE', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
