/** Results go to stdout, everything said about them to stderr, so that a pipe gets the result alone. */
import { styleText } from 'node:util';
import type { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { toJson } from './json.ts';

type Style = Parameters<typeof styleText>[0];

/** Puts colour around a text, or nothing where colours are off. */
export type Paint = (style: Style, text: string) => string;

export interface Output {
  /** Whether `--json` was given. */
  readonly isJson: boolean;
  /** For stdout. */
  readonly paint: Paint;
  /** The result of the command: as JSON under `--json`, else as `render` puts it. */
  result(value: unknown, render: () => string): void;
  /** Bytes of the result as they come, for what streams. */
  write(text: string | Uint8Array): void;
  /** A remark for people, on stderr. */
  note(text: string): void;
  /** A remark that should not be missed, on stderr. */
  warn(text: string): void;
  error(error: CliError): void;
}

export interface OutputOptions {
  readonly isJson: boolean;
  /** `--no-color` was given. */
  readonly noColor: boolean;
}

export function createOutput(host: Host, { isJson, noColor }: OutputOptions): Output {
  const mayPaint = !noColor && !host.env['NO_COLOR'] && host.env['TERM'] !== 'dumb';
  const painter = (stream: Host['stdout']): Paint =>
    mayPaint && stream.isTTY
      ? (style, text) => styleText(style, text, { validateStream: false })
      : (_, text) => text;
  const paint = painter(host.stdout);
  const paintError = painter(host.stderr);
  const line = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
  const note = (text: string) => void host.stderr.write(line(text));
  return {
    isJson,
    paint,
    result(value, render) {
      host.stdout.write(line(isJson ? toJson(value) : render()));
    },
    write: (text) => void host.stdout.write(text),
    note,
    warn: (text) => note(`${paintError('yellow', 'Warning:')} ${text}`),
    error({ code, message, hint, details }) {
      if (isJson) {
        const error = { code, exitCode: exitCodes[code], message, hint, ...details };
        note(toJson({ error }));
        return;
      }
      note(`${paintError('red', 'Error:')} ${message}`);
      if (hint !== undefined) note(hint);
    },
  };
}
