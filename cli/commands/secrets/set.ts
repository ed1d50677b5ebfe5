/** `secrets set`. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { keyId, tier, yes } from '../../documents/options.ts';
import { toSecretParameter } from '../../documents/stored-secrets.ts';
import { confirmUnused } from '../../plan/confirm.ts';
import { isUnusedPath, readPlace } from '../../plan/place.ts';
import { findParameter } from '../../store/parameters.ts';
import { advancedBytes, standardBytes, tierNames, writeParameter } from '../../store/write.ts';
import { readStdin } from '../../terminal/ask.ts';
import { CliError } from '../../terminal/cli-error.ts';
import { withExamples } from '../../terminal/examples.ts';

interface SetOptions {
  readonly yes?: boolean;
  readonly tier?: keyof typeof tierNames;
  readonly keyId?: string;
}

/** Creates `secrets set`, which reads the value from a prompt or from stdin. */
export function createSetSecretCommand(context: Context): Command {
  const command = new Command('set')
    .description('set a secret, as a SecureString; its value comes from a prompt or from stdin')
    .argument('<name>', 'such as partner-key')
    .addOption(yes())
    .addOption(tier())
    .addOption(keyId())
    // An excess argument is probably the value, and gets an explanation of its own.
    .allowExcessArguments()
    .action((name: string, options: SetOptions, { args }: Command) => {
      if (args.length > 1) throw toExposedError(context, name);
      return set(context, name, options);
    });
  return withExamples(command, [
    { does: 'Asks for the value', run: 'npx countersign secrets set partner-key' },
    {
      does: 'From a program',
      run: 'openssl rand -hex 24 | npx countersign secrets set partner-key',
    },
  ]);
}

async function set(context: Context, name: string, options: SetOptions): Promise<void> {
  const parameter = toSecretParameter(context, name);
  const before = await findParameter(context.ssm(), parameter);
  if (!before && (await isUnusedPath(context))) {
    await confirmUnused(context, await readPlace(context), options.yes ?? false);
  }
  const value = await readValue(context, name);
  const bytes = Buffer.byteLength(value);
  if (bytes > advancedBytes) {
    throw new CliError(
      'USAGE',
      `The value takes ${bytes} bytes; a parameter holds ${advancedBytes}. Nothing was written.`,
    );
  }
  const isLarge = bytes > standardBytes;
  const asked = options.tier === undefined ? undefined : tierNames[options.tier];
  const { version } = await writeParameter(context.ssm(), parameter, value, {
    readVersion: before?.version ?? 0,
    type: 'SecureString',
    tier: asked ?? (isLarge ? 'Advanced' : undefined),
    keyId: options.keyId,
  });
  const output = context.output();
  if (isLarge) output.warn(`${bytes} bytes are stored in the advanced tier, which AWS charges for`);
  if (before && before.type !== 'SecureString') {
    output.warn(
      `${parameter} is stored unencrypted (${before.type}), and Parameter Store cannot change that: remove it and set it again`,
    );
  }
  const reference = `$secret://ssm/${name}`;
  output.result(
    { name, parameter, version, reference },
    () => `Wrote ${parameter}, version ${version}. Documents refer to it as "${reference}".`,
  );
}

async function readValue(context: Context, name: string): Promise<string> {
  const { prompts } = context.host;
  if (!prompts) {
    // Programs end their output with a line break that does not belong to the secret.
    const value = (await readStdin(context)).replace(/\r?\n$/, '');
    if (value !== '') return value;
    throw new CliError('USAGE', 'stdin is empty; nothing was written.', {
      hint: `Pipe the value to stdin, or type it in a terminal: ${context.commandLine(`secrets set ${name}`)}`,
    });
  }
  const value = await prompts.askSecret(`Value of ${name}:`);
  if (value === '') throw new CliError('DECLINED', 'No value was given; nothing was written.');
  if (value === (await prompts.askSecret('The same again:'))) return value;
  throw new CliError('DECLINED', 'The two values differ; nothing was written.');
}

function toExposedError(context: Context, name: string): CliError {
  return new CliError(
    'USAGE',
    'The command does not take a secret as an argument: it would stay in the shell’s history and in the list of processes.',
    {
      hint: `Choose another value, and type it at the prompt: ${context.commandLine(`secrets set ${name}`)}`,
    },
  );
}
