/** Durations as Go writes them: `40s`, `1m30s`, `1.5h`. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** @returns undefined if the text is no duration (https://pkg.go.dev/time#ParseDuration) */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
  if (text === '' || parts.map(([part]) => part).join('') !== text) return undefined;
  const sum = parts.reduce(
    (ms, [, count, unit = '']) => ms + Number(count) * (unitMs[unit] ?? 0),
    0,
  );
  return Math.round(sum);
}
