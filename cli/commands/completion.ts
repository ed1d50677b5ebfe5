/** `completion`: scripts by which shells complete the command line. */
import { Argument, Command } from 'commander';
import { type Shell, shells, toScript } from '../completion/scripts.ts';
import { toWords } from '../completion/words.ts';
import type { Context } from '../context.ts';
import { withExamples } from '../terminal/examples.ts';

/** Creates `countersign completion`. It reads the commands of the program that it belongs to. */
export function createCompletionCommand(context: Context): Command {
  const command = new Command('completion')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .action((shell: Shell, _: unknown, own: Command) => {
      context.output().write(toScript(shell, toWords(own.parent ?? own)));
    });
  return withExamples(command, [
    { does: 'In ~/.bashrc', run: 'source <(npx countersign completion bash)' },
    { does: 'In ~/.zshrc, below compinit', run: 'source <(npx countersign completion zsh)' },
    {
      does: 'In ~/.config/fish/config.fish',
      run: 'npx countersign completion fish | source',
    },
  ]);
}
