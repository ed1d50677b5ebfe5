/** Converts options to the filter pattern for CloudWatch Logs, and to the start time. */
import { CliError } from '../terminal/cli-error.ts';

/** Which access lines `logs` shows. */
export interface LogFilter {
  readonly route?: string;
  /** A status such as 404, or a class such as 5xx. */
  readonly status?: string;
  /** An error code, `*` for any. */
  readonly error?: string;
}

/** @throws CliError for a value that no line can have */
export function toFilterPattern({ route, status, error }: LogFilter): string {
  const terms = ['($.type = "access")'];
  if (route !== undefined) terms.push(`($.route = ${quote('--route', route, /^[\w.-]{1,64}$/)})`);
  if (status !== undefined) terms.push(...toStatusTerms(status));
  if (error !== undefined) terms.push(`($.error = ${quote('--error', error, /^([A-Z_]+|\*)$/)})`);
  return `{ ${terms.join(' && ')} }`;
}

function toStatusTerms(status: string): string[] {
  if (/^[1-5]xx$/i.test(status)) {
    const first = Number(status[0]) * 100;
    return [`($.status >= ${first})`, `($.status <= ${first + 99})`];
  }
  if (/^[1-5]\d\d$/.test(status)) return [`($.status = ${status})`];
  throw new CliError('USAGE', `--status: found ${status}, expected a status such as 404 or 5xx.`);
}

function quote(option: string, value: string, pattern: RegExp): string {
  if (pattern.test(value)) return `"${value}"`;
  const expected =
    option === '--route' ? 'the id of a route' : 'an error code such as NO_ROUTE, or *';
  throw new CliError('USAGE', `${option}: found ${JSON.stringify(value)}, expected ${expected}.`);
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * @param text `10m`, `2h`, `1d`, or a time such as 2026-11-21T10:00:00Z
 * @returns epoch ms
 * @throws CliError
 */
export function parseSince(text: string, nowMs: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (unitMs[unit] ?? 0);
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const expected = 'such as 10m, 2h, 1d or 2026-11-21T10:00:00Z';
  throw new CliError(
    'USAGE',
    `--since: found ${JSON.stringify(text)}, expected a time ${expected}.`,
  );
}
