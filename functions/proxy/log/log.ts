/** Log lines: one JSON object a line on standard output, which Lambda hands to CloudWatch as it is. */

import { describeError } from '../http/errors.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Writes lines of JSON to standard output, one function for each level. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Writes at any level: for lines that carry metrics. */
  always(message: string, fields?: Fields): void;
  /** @returns whether lines of this level are written */
  isEnabled(level: LogLevel): boolean;
}

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** @param write gets each line with its newline */
export function createLogger(level: LogLevel, write: (line: string) => void): Logger {
  const lowest = order.indexOf(level);
  const isEnabled = (asked: LogLevel) => order.indexOf(asked) >= lowest;
  const put = (own: LogLevel, message: string, fields: Fields = {}) =>
    write(toLine({ time: new Date().toISOString(), level: own, message, ...fields }));
  const at = (own: LogLevel) => (message: string, fields?: Fields) => {
    if (isEnabled(own)) put(own, message, fields);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    always: (message, fields) => put('info', message, fields),
    isEnabled,
  };
}

function toLine(fields: Fields): string {
  const { error } = fields;
  const plain = error instanceof Error ? { ...fields, error: describeError(error) } : fields;
  return `${JSON.stringify(plain)}\n`;
}

/** Levels of log lines, the least severe first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
