/** Completion scripts for bash, zsh and fish. Each finds the command that was typed so far, and offers its words. */
import type { CommandWords, Word } from './words.ts';

/** Shells with a script. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** A shell with a script. */
export type Shell = (typeof shells)[number];

/** Writes the script of a shell. Where a command has no words, the shell completes file names. */
export function toScript(shell: Shell, commands: readonly CommandWords[]): string {
  switch (shell) {
    case 'bash':
      return toBash(commands);
    case 'zsh':
      return toZsh(commands);
    case 'fish':
      return toFish(commands);
  }
}

/** A pattern of `case` for every command but the program itself. */
function toPattern(commands: readonly CommandWords[]): string {
  return commands.flatMap(({ path }) => (path === '' ? [] : [quote(` ${path}`)])).join('|');
}

/** The typed command is kept with a blank before each name: ` routes list`. */
function toKey({ path }: CommandWords): string {
  return quote(path === '' ? '' : ` ${path}`);
}

function toBash(commands: readonly CommandWords[]): string {
  const join = (words: readonly Word[]) => quote(words.map(({ word }) => word).join(' '));
  const cases = commands.map(
    (command) =>
      `    ${toKey(command)}) words=${join(command.words)} options=${join(command.options)} ;;`,
  );
  return `# bash completion of countersign
_countersign() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at='' words='' options='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
      ${toPattern(commands)}) at="$at $word" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) words="$options" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _countersign countersign
`;
}

function toZsh(commands: readonly CommandWords[]): string {
  const toItem = ({ word, does }: Word) => quote(`${word}:${does}`);
  const list = (words: readonly Word[]) => `(${words.map(toItem).join(' ')})`;
  const cases = commands.map(
    (command) =>
      `    ${toKey(command)}) items=${list(command.words)}; options=${list(command.options)} ;;`,
  );
  return `#compdef countersign
_countersign() {
  local at='' word
  local -a items options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      (${toPattern(commands)}) at="$at $word" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
  elif (( \${#items} )); then
    _describe command items
  else
    _files
  fi
}
compdef _countersign countersign
`;
}

function toFish(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap((command) => {
    const when = `-n '__countersign_is "${command.path}"'`;
    const noFiles = command.words.length > 0 ? ' -f' : '';
    return [
      ...command.words.map(
        ({ word, does }) =>
          `complete -c countersign ${when}${noFiles} -a ${quote(word)} -d ${quote(does)}`,
      ),
      ...command.options.map(
        ({ word, does }) =>
          `complete -c countersign ${when} -l ${quote(word.replace(/^--/, ''))} -d ${quote(does)}`,
      ),
    ];
  });
  const known = commands.flatMap(({ path }) => (path === '' ? [] : [quote(path)]));
  return `# fish completion of countersign
function __countersign_is
  set -l at ''
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim "$at $word")
    if contains -- "$longer" ${known.join(' ')}
      set at "$longer"
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

/** Single quotes for all three shells; a quote in the text becomes ’, which needs no escape. */
function quote(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
