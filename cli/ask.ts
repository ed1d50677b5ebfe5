/** Questions to a person. They go to stderr, so that a redirected stdout holds the result alone. */
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';

/** Whether somebody is there to answer. */
export function canAsk({ host }: Context): boolean {
  return host.stdin.isTTY === true && host.stderr.isTTY === true;
}

/** @throws CliError DECLINED when the answer is no, or when nobody is there to give one */
export async function demandYes(context: Context, question: string): Promise<void> {
  if (!canAsk(context)) {
    throw new CliError(
      'DECLINED',
      'This needs a yes, and nobody is there to ask; nothing was written.',
      {
        hint: 'Give --yes, or run in a terminal.',
      },
    );
  }
  if (!(await askYesNo(context, question))) {
    throw new CliError('DECLINED', 'Nothing was written.');
  }
}

/** Only where {@link canAsk}. */
export async function askYesNo(
  { host }: Context,
  question: string,
  isYesDefault = false,
): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts');
  const streams = { input: host.stdin, output: host.stderr };
  return confirm({ message: question, default: isYesDefault }, streams);
}

/** Asks for a secret, which is not shown. Only where {@link canAsk}. */
export async function askSecret({ host }: Context, question: string): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  return password({ message: question, mask: '*' }, { input: host.stdin, output: host.stderr });
}

/** Everything on stdin, as text. */
export async function readStdin({ host }: Context): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of host.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
