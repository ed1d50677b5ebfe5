/** Results go to stdout and messages to stderr, so that a pipe gets only the result. */
import { styleText } from 'node:util';
import type { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { toJson } from './json.ts';
import { createProgress } from './progress.ts';
import { toOneLine, toPlain } from './table.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours a text, or returns it unchanged if colours are off. */
export type Paint = (style: Style, text: string) => string;

/** Writes results to stdout and messages to stderr, as text or as JSON. */
export interface Output {
  /** Whether `--json` was given. */
  readonly isJson: boolean;
  /** Colours for stdout. */
  readonly paint: Paint;
  /** Prints the result of the command: as JSON with `--json`, else as rendered text. */
  result(value: unknown, render: () => string): void;
  /** Prints a part of the result as text; prints nothing with `--json`. */
  tell(text: string): void;
  /** Prints the result as JSON; prints nothing without `--json`. */
  reply(value: unknown): void;
  /** Prints bytes of a streamed result. */
  write(text: string | Uint8Array): void;
  /** Shows what the command does, while it takes longer than a second; on a terminal only. */
  during<T>(text: string, work: () => Promise<T>): Promise<T>;
  /** Prints a remark on stderr. */
  note(text: string): void;
  /** Prints a warning on stderr. */
  warn(text: string): void;
  /** Prints an error on stderr; a person's own choice without `Error:`. */
  error(error: CliError): void;
}

/** How output is written. */
export interface OutputOptions {
  readonly isJson: boolean;
  /** `--no-color` was given. */
  readonly noColor: boolean;
}

/** Creates the output of a command. Colours are off if the stream is not a terminal, or if `NO_COLOR` is set. */
export function createOutput(host: Host, { isJson, noColor }: OutputOptions): Output {
  const mayPaint = !noColor && !host.env['NO_COLOR'] && host.env['TERM'] !== 'dumb';
  const painter = (stream: Host['stdout']): Paint =>
    mayPaint && stream.isTTY
      ? (style, text) => styleText(style, text, { validateStream: false })
      : (_, text) => text;
  const paint = painter(host.stdout);
  const paintError = painter(host.stderr);
  const line = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
  // Messages quote documents, whose control characters must not reach the terminal. The prefix has this program's own
  // colours.
  const progress = createProgress(host.stderr, isJson);
  const say = (prefix: string, text: string) => {
    progress.clear();
    host.stderr.write(line(`${prefix}${toPlain(text)}`));
  };
  const print = (text: string | Uint8Array) => {
    progress.clear();
    host.stdout.write(text);
  };
  return {
    isJson,
    paint,
    result(value, render) {
      print(line(isJson ? toJson(value) : render()));
    },
    tell: (text) => void (isJson || print(line(text))),
    reply: (value) => void (isJson && print(line(toJson(value)))),
    write: print,
    during: progress.during,
    note: (text) => say('', text),
    warn: (text) => say(`${paintError('yellow', 'Warning:')} `, toOneLine(text)),
    error({ code, message, hint, details, isChoice }) {
      if (isJson) {
        const error = { code, exitCode: exitCodes[code], message, hint, ...details };
        say('', toJson({ error }));
        return;
      }
      say(isChoice ? '' : `${paintError('red', 'Error:')} `, message);
      if (hint !== undefined) say('', hint);
    },
  };
}
