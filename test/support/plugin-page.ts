/** Reads a page of docs/plugins: its parameters, and its curl commands with their output. */

export interface PluginPage {
  /** Text by name below the root, for example `routes/orders`. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly commands: readonly PageCommand[];
}

export interface PageCommand {
  /** The command as on the page, in one line. */
  readonly text: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
  /** The output on the page: status line and some of the headers, an empty line, some lines of the body. */
  readonly printed: string;
}

/** A parameter is a line that begins with its name in backticks, and the following block. */
const parameterBlock =
  /^`((?:routes|consumers|secrets)\/[\w./-]+)`[^\n]*\n\n```\w*\n([\s\S]*?)```/gm;
const commandBlock = /```sh\n(curl [\s\S]*?)```\n\n```\w*\n([\s\S]*?)```/g;

export function readPluginPage(markdown: string): PluginPage {
  return {
    parameters: new Map(
      [...markdown.matchAll(parameterBlock)].map(([, name = '', text = '']) => [name, text.trim()]),
    ),
    commands: [...markdown.matchAll(commandBlock)].map(([, command = '', printed = '']) => ({
      ...readCurl(command.replace(/\\\n\s*/g, '').trim()),
      printed: printed.trim(),
    })),
  };
}

type Option = (value: string, read: CurlCommand) => void;

interface CurlCommand {
  text: string;
  method: string;
  target: string;
  headers: [string, string][];
  body: string | undefined;
}

const options: Readonly<Record<string, Option>> = {
  '-X': (value, read) => {
    read.method = value;
  },
  '-H': (value, read) => {
    const [name = '', ...rest] = value.split(': ');
    read.headers.push([name, rest.join(': ')]);
  },
  '-b': (value, read) => read.headers.push(['cookie', value]),
  '-u': (value, read) =>
    read.headers.push(['authorization', `Basic ${Buffer.from(value).toString('base64')}`]),
  '-d': (value, read) => {
    read.body = value;
    if (read.method === 'GET') read.method = 'POST';
  },
};

/** @throws Error for an option that no page uses yet */
function readCurl(text: string): CurlCommand {
  const read: CurlCommand = { text, method: 'GET', target: '', headers: [], body: undefined };
  const words = [...text.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const option = options[word];
    if (option) {
      index += 1;
      option(words[index] ?? '', read);
    } else if (word.startsWith('https://')) {
      read.target = word.replace(/^https:\/\/[^/]*/, '');
    } else if (word !== '-i') throw new Error(`${text}: ${word} is not understood here`);
  }
  return read;
}
