/** Flags of the connection to the upstream, and those that need no counterpart. */
import { parseEndpointName } from '../../functions/proxy/sign/partitions.ts';
import { parseDurationMs } from './duration.ts';
import { type FlagName, type Flags, isOn, lastOf } from './flags.ts';

/** What becomes of some flags. */
export interface ConvertedSettings {
  /** Settings of `aws-lambda`, or of a part of it. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly remarks: readonly string[];
}

/** @param host the upstream's, with its port if it has one */
export function convertTransport(flags: Flags, host: string): ConvertedSettings {
  const isAws = parseEndpointName(toHostname(host)) !== undefined;
  const isUnverified = isOn(flags, 'no-verify-ssl');
  const idle = convertIdle(lastOf(flags, 'transport.idle-conn-timeout'));
  const needless = needlessFlags.filter((name) => flags.has(name)).map((name) => `--${name}`);
  return {
    settings: { ...(isUnverified && !isAws && { ssl_verify: false }), ...idle.settings },
    remarks: [
      ...(isUnverified && isAws
        ? ['--no-verify-ssl is left out: the certificates of AWS’s hosts are always verified']
        : []),
      ...idle.remarks,
      ...(isOn(flags, 'unsigned-payload')
        ? ['--unsigned-payload is left out: the body is part of each signature']
        : []),
      ...(needless.length > 0
        ? [
            `${needless.join(', ')}: not needed. Lambda takes the requests, the access log has a line for each, and explain shows what is signed`,
          ]
        : []),
    ],
  };
}

const needlessFlags: readonly FlagName[] = [
  'port',
  'verbose',
  'log-failed-requests',
  'log-signing-process',
];

/** Limits of `keepalive_timeout`. */
const [shortestMs, longestMs] = [1000, 900_000];

function convertIdle(text: string | undefined): ConvertedSettings {
  if (text === undefined) return { settings: {}, remarks: [] };
  const flag = '--transport.idle-conn-timeout';
  const foundMs = parseDurationMs(text);
  if (foundMs === undefined) {
    return { settings: {}, remarks: [`${flag} is left out: ${text} is no duration`] };
  }
  // Go takes 0 for no limit.
  const wantedMs = foundMs === 0 ? longestMs : foundMs;
  const nearestMs = Math.min(Math.max(wantedMs, shortestMs), longestMs);
  const remark = `${flag} ${text} becomes ${nearestMs} ms, the nearest value here`;
  return {
    settings: { keepalive_timeout: nearestMs },
    remarks: nearestMs === foundMs ? [] : [remark],
  };
}

/** A host without its port. */
export function toHostname(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}
