/** Reads answers from a person, or input from a pipe. */

import { text } from 'node:stream/consumers';
import type { Context } from '../context.ts';
import { CliError } from './cli-error.ts';

/** @throws CliError DECLINED if the answer is no, or if there is no terminal */
export async function demandYes({ host }: Context, question: string): Promise<void> {
  if (!host.prompts) {
    throw new CliError(
      'DECLINED',
      `${question} There is no terminal to answer on; nothing was written.`,
      { hint: 'Give --yes, or run in a terminal.' },
    );
  }
  if (!(await host.prompts.askYesNo(question, false))) {
    throw new CliError('DECLINED', 'Nothing was written.', { isChoice: true });
  }
}

/** Reads stdin to its end as text. */
export async function readStdin({ host }: Context): Promise<string> {
  return text(host.stdin);
}
