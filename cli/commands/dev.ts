/** `dev`: the local stack from anywhere, with a folder of documents that it follows. */
import { Command } from 'commander';
import type { StartOptions } from '../../local/start/options.ts';
import type { Context } from '../context.ts';
import { followFolder } from '../dev/follow.ts';
import { findParts } from '../dev/parts.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { collect } from './request-options.ts';

interface DevOptions {
  readonly port?: string;
  readonly parameterStorePort?: string;
  readonly stateFile?: string;
  readonly snapshot?: boolean;
  readonly env?: readonly string[];
}

/** Creates `countersign dev`. It goes on until Ctrl-C, and fails with `USAGE` when the stack cannot start. */
export function createDevCommand(context: Context): Command {
  const command = new Command('dev')
    .description(
      'run the proxy, a Parameter Store and IAM-protected demo upstreams on 127.0.0.1. With a folder, its documents are the only ones: each change of a file is checked and takes effect. What is invalid is named, and the last valid documents stay.',
    )
    .argument(
      '[folder]',
      'with routes/ and consumers/ in it, or routes alone; <id>.json or .yaml each',
    )
    .option('--port <n>', 'port of the proxy (3000, or the next free one)')
    .option('--parameter-store-port <n>', 'port of Parameter Store (3001, or the next free one)')
    .option('--state-file <path>', 'where parameters are kept (with a folder, in memory)')
    .option('--snapshot', 'run a publisher and S3 as well, as a deployment does')
    .option('--env <NAME=VALUE>', 'a variable of the proxy; may be repeated', collect)
    .action((folder: string | undefined, options: DevOptions) => dev(context, folder, options));
  return withExamples(command, [
    { does: 'The demo', run: 'npx countersign dev' },
    { does: 'Your own documents', run: 'npx countersign dev documents/' },
  ]);
}

async function dev(context: Context, folder: string | undefined, options: DevOptions) {
  if (folder !== undefined) findParts(folder);
  const { runStack } = await import('../../local/start/run.ts');
  const wanted = await readStartOptions(folder, options);
  const { parameterStoreUrl } = await runStack(wanted).catch(refuse);
  if (folder === undefined || parameterStoreUrl === undefined) return;
  await followFolder(context, { folder, parameterStoreUrl, env: wanted.env });
}

/** As `npm start` reads them. */
async function readStartOptions(
  folder: string | undefined,
  options: DevOptions,
): Promise<StartOptions> {
  const { readOptions } = await import('../../local/start/options.ts');
  const { port, parameterStorePort, stateFile, snapshot, env = [] } = options;
  const args = [
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(parameterStorePort === undefined ? [] : [`--parameter-store-port=${parameterStorePort}`]),
    ...(stateFile === undefined ? [] : [`--state-file=${stateFile}`]),
    ...(snapshot ? ['--snapshot'] : []),
    ...(folder === undefined ? [] : ['--empty']),
    ...env.map((pair) => `--env=${pair}`),
  ];
  try {
    return readOptions(args);
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  throw new CliError('USAGE', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
