/** Asks questions on a terminal. They are printed on stderr, so that a redirected stdout contains only the result. */
import type { Host, Prompts } from './host.ts';

/** @returns undefined without a terminal, because in a pipe or in CI a question would wait for ever */
export function createPrompts({
  stdin,
  stderr,
}: Pick<Host, 'stdin' | 'stderr'>): Prompts | undefined {
  const isTerminal = 'isTTY' in stdin && stdin.isTTY === true && stderr.isTTY === true;
  if (!isTerminal) return undefined;
  const streams = { input: stdin, output: stderr };
  return {
    async askYesNo(message, standard) {
      const { confirm } = await import('@inquirer/prompts');
      return confirm({ message, default: standard }, streams);
    },
    async askSecret(message) {
      const { password } = await import('@inquirer/prompts');
      return password({ message, mask: '*' }, streams);
    },
    async askText(message, { standard, check }) {
      const { input } = await import('@inquirer/prompts');
      const validate = (text: string) => check(text) ?? true;
      return input({ message, validate, ...(standard && { default: standard }) }, streams);
    },
    async askChoice(message, choices) {
      const { select } = await import('@inquirer/prompts');
      const options = choices.map(({ value, label }) => ({ value, name: label }));
      return select({ message, choices: options }, streams);
    },
  };
}
