/** What `npm start` prints, in colour on a terminal. */
import { styleText } from 'node:util';
import { renderLogLine, toLogColour, toPlainLine } from './log-lines.ts';

type Style = Parameters<typeof styleText>[0];

/** Where the stack prints, and whether it may use colours. */
export interface Screen {
  print(text: string): void;
  /** Prints a text with commands: headings bold, comments dim. */
  printGreeting(text: string): void;
  /** Prints a line of a function's log. */
  printLine(line: string): void;
}

/** The stream and the environment that decide about colours. */
export interface ScreenOptions {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Creates the screen. It has no colours without a terminal, and with `NO_COLOR` or `TERM=dumb`. */
export function createScreen({ stream, env }: ScreenOptions): Screen {
  const hasColours = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const paint = (style: Style, text: string) =>
    hasColours && style !== 'reset' ? styleText(style, text, { validateStream: false }) : text;
  const print = (text: string) => void stream.write(text);
  return {
    print,
    printGreeting(text) {
      const lines = text.split('\n').map((line) => paint(toStyle(line), toPlainLine(line)));
      print(lines.join('\n'));
    },
    printLine: (line) => print(`${paint(toLogColour(line), renderLogLine(line))}\n`),
  };
}

function toStyle(line: string): Style {
  if (line.startsWith('Countersign: ')) return 'bold';
  return /^ *# /.test(line) ? 'dim' : 'reset';
}
