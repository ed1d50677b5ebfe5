/** `secrets remove`. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { yes } from '../../documents/options.ts';
import { findUses, toSecretParameter } from '../../documents/stored-secrets.ts';
import { describeAccount, readPlace } from '../../plan/place.ts';
import { findParameter } from '../../store/parameters.ts';
import { removeParameter } from '../../store/write.ts';
import { demandYes } from '../../terminal/ask.ts';
import { CliError } from '../../terminal/cli-error.ts';
import { withExamples } from '../../terminal/examples.ts';

interface RemoveOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** Creates `secrets remove`. It fails with `CONFLICT` if a document refers to the secret. */
export function createRemoveSecretCommand(context: Context): Command {
  const command = new Command('remove')
    .description('remove a secret that no document refers to')
    .argument('<name>', 'such as partner-key')
    .addOption(yes())
    .option(
      '--force',
      'remove it even if documents refer to it; their routes then answer 503, and their consumers are refused',
    )
    .action((name: string, options: RemoveOptions) => remove(context, name, options));
  return withExamples(command, [
    { does: 'For good', run: 'npx countersign secrets remove partner-key --yes' },
  ]);
}

async function remove(context: Context, name: string, options: RemoveOptions): Promise<void> {
  const parameter = toSecretParameter(context, name);
  const found = await findParameter(context.ssm(), parameter);
  if (!found) {
    throw new CliError('NOT_FOUND', `There is no secret ${name} (${parameter}).`, {
      hint: `To list them: ${context.commandLine('secrets list')}`,
    });
  }
  const usedBy = (await findUses(context)).get(name) ?? [];
  if (usedBy.length > 0 && !options.force) {
    throw new CliError(
      'CONFLICT',
      `${usedBy.join(', ')} refers to ${name}, and would answer 503 without it; nothing was removed.`,
      {
        hint: 'Change the documents first, or remove the secret with --force.',
        details: { usedBy },
      },
    );
  }
  if (!options.yes) {
    const account = describeAccount(await readPlace(context));
    await demandYes(context, `Remove ${parameter} (${account}) for good?`);
  }
  await removeParameter(context.ssm(), parameter, { readVersion: found.version });
  context.output().result({ name, parameter, removed: true }, () => `Removed ${parameter}.`);
}
