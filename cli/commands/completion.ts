/** `completion`: scripts by which shells complete the command line. */
import { Argument, Command } from 'commander';
import { type Shell, shells, toScript } from '../completion/scripts.ts';
import { table } from '../completion/table.ts';
import { toWords } from '../completion/words.ts';
import { withExamples } from '../terminal/examples.ts';
import type { Host } from '../terminal/host.ts';

/**
 * Creates `countersign completion`. Shells run it as they start, so it does without the context of other commands.
 * @param createAll loads all commands, which the package needs not
 */
export function createCompletionCommand(
  host: Host,
  createAll: () => Promise<readonly Command[]>,
): Command {
  const command = new Command('completion')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .action(async (shell: Shell, _: unknown, own: Command) => {
      const words = table ?? toWords(own.parent ?? own, await createAll());
      host.stdout.write(toScript(shell, words));
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
