/** What a person or a pipe tells a command. */

import { text } from 'node:stream/consumers';
import type { Context } from '../context.ts';
import { CliError } from './cli-error.ts';

/** @throws CliError DECLINED when the answer is no, or when no terminal can answer */
export async function demandYes({ host }: Context, question: string): Promise<void> {
  if (!host.prompts) {
    throw new CliError(
      'DECLINED',
      'This needs a confirmation, and there is no terminal to ask on; nothing was written.',
      { hint: 'Give --yes, or run in a terminal.' },
    );
  }
  if (!(await host.prompts.askYesNo(question, false))) {
    throw new CliError('DECLINED', 'Nothing was written.');
  }
}

/** Everything on stdin, as text. */
export async function readStdin({ host }: Context): Promise<string> {
  return text(host.stdin);
}
