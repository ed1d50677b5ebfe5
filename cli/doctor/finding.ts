/** One line of the doctor's report. */
export interface Finding {
  readonly check: 'parameters' | 'endpoint' | 'table' | 'role' | 'upstream' | 'clock';
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly text: string;
  /** What to do about it. */
  readonly todo?: string;
}

/** Counts the findings by their status, for example `9 checks: 8 ok, 1 warning`. */
export function countFindings(findings: readonly Finding[]): string {
  const counts = statuses.flatMap(({ status, one, many }) => {
    const count = findings.filter((finding) => finding.status === status).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  return `${findings.length} ${findings.length === 1 ? 'check' : 'checks'}: ${counts.join(', ')}`;
}

const statuses: readonly { status: Finding['status']; one: string; many: string }[] = [
  { status: 'ok', one: 'ok', many: 'ok' },
  { status: 'warning', one: 'warning', many: 'warnings' },
  { status: 'failed', one: 'failed', many: 'failed' },
  { status: 'skipped', one: 'skipped', many: 'skipped' },
];

/** The time in a server's response. */
export interface ServerTime {
  readonly host: string;
  /** The response's `Date`, and this machine's clock when the response arrived; epoch ms. */
  readonly theirsMs: number;
  readonly oursMs: number;
}

const skewWarningMs = 60_000;
/** The AWS SDKs' limit. AWS refuses signatures from five minutes on. */
const skewFailureMs = 240_000;

/** Compares this machine's clock with those of servers. */
export function judgeClock(times: readonly ServerTime[]): Finding {
  const known = times.filter(({ theirsMs }) => !Number.isNaN(theirsMs));
  const skewOf = ({ theirsMs, oursMs }: ServerTime) => Math.abs(theirsMs - oursMs);
  const worst = [...known].sort((a, b) => skewOf(b) - skewOf(a))[0];
  if (!worst) {
    return { check: 'clock', status: 'skipped', text: 'no response contained a time' };
  }
  const seconds = Math.round(skewOf(worst) / 1000);
  const text = `${seconds === 0 ? 'less than a second' : `${seconds} s`} off the clock of ${worst.host}`;
  if (skewOf(worst) < skewWarningMs) return { check: 'clock', status: 'ok', text };
  const status = skewOf(worst) < skewFailureMs ? 'warning' : 'failed';
  const todo = 'Set the clock of this machine; AWS refuses signatures that are five minutes off.';
  return { check: 'clock', status, text, todo };
}

/** @param date value of a `Date` header */
export function toServerTime(host: string, date: string | undefined): ServerTime {
  return { host, theirsMs: Date.parse(date ?? ''), oursMs: Date.now() };
}
