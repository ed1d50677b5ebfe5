/** Command lines as words. */

/** Splits a command line like a shell: quotes and backslashes, up to `;`, `&`, `|`, `<`, `>` or a comment. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\;&|<>])+)/gsy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [, word = ''] = match;
    if (word.startsWith('#')) break;
    words.push(unquote(word));
  }
  return words;
}

function unquote(word: string): string {
  return word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single, double, escaped) =>
    String(single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped),
  );
}

/** The program, or an image of it: `./aws-sigv4-proxy`, `public.ecr.aws/…/aws-sigv4-proxy:1.8`. */
const program = /(^|[/=])[\w.-]*sigv4-proxy(:[\w.-]+)?(@sha256:\w+)?$/;

/** Whether a word is the program or an image of it. */
export function isProgram(word: string): boolean {
  return program.test(word);
}

/** @returns the words behind the program; undefined if it is not among them */
export function findProgramWords(words: readonly string[]): string[] | undefined {
  const [shell = '', option, script = ''] = words;
  if (/(^|\/)(ba|da|a)?sh$/.test(shell) && option === '-c') {
    return findProgramWords(splitWords(script));
  }
  const index = words.findLastIndex(isProgram);
  return index < 0 ? undefined : words.slice(index + 1);
}
