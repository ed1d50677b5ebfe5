/**
 * `npm run fuzz -- --requests 100000 --streams 20000 --seed 1 --seconds 900`: generated requests, and generated
 * upstream byte streams, through the built artefact on loopback. Ends by itself, with 1 when something was found.
 */
import { parseArgs } from 'node:util';
import { type CampaignResult, runCampaign, type Worker } from './campaign.ts';
import { startRequests } from './requests.ts';
import { startStreams } from './streams.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    streams: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    seconds: { type: 'string', default: '1800' },
    lanes: { type: 'string', default: '3' },
  },
});
const print = (text: string) => process.stdout.write(`${text}\n`);
const seed = readNumber('seed');
const lanes = readNumber('lanes');
const endsAt = Date.now() + readNumber('seconds') * 1000;
const wanted = { requests: readNumber('requests'), streams: readNumber('streams') };

async function fuzz<T>(
  what: keyof typeof wanted,
  start: (count: (outcome: string) => void) => Promise<Worker<T>>,
): Promise<boolean> {
  const runs = wanted[what];
  if (runs === 0) {
    print(`\n${what}: none were asked for`);
    return true;
  }
  print(`\n${what}: ${runs}, from seed ${seed}, in ${lanes} environments`);
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(0);
  const onProgress = (done: number) => {
    if (done % 10_000 === 0) print(`  ${done} after ${seconds()} s`);
  };
  try {
    const limitMs = endsAt - Date.now();
    const result = await runCampaign(start, { runs, seed, lanes, limitMs, onProgress });
    report(result, runs, seconds());
    return result.runs > 0 && hasSeenAll(what, result);
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    print(`FOUND ${cause instanceof Error ? cause.message : ''}\n${message.slice(0, 8000)}`);
    print(`again: npm run fuzz -- --${what} 1000 --lanes 1 --seed <the seed above>`);
    return false;
  }
}

function report({ runs, outcomes }: CampaignResult, asked: number, seconds: string): void {
  if (runs === 0) print('  FAILED: the time was over before the first of them');
  else print(`  ${runs} in ${seconds} s: no crash, hang, mismatch or leak`);
  if (runs < asked) print(`  the time was over before the other ${asked - runs}`);
  for (const [outcome, times] of Object.entries(outcomes))
    print(`  ${String(times).padStart(8)}  ${outcome}`);
}

/** A generator that has lost a kind of case would be clean for ever: from this many runs on each kind has to be seen. */
const enoughRuns = 1000;
const outcomesToSee = {
  requests: [
    'event: aws',
    'http: aws',
    'event: partial',
    'event: keyed',
    'event: 400 UNSAFE_PATH',
    'http: 400 UNSAFE_PATH',
    'event: 400 MALFORMED_REQUEST',
    'event: 404 NO_ROUTE',
    'event: 405 METHOD_NOT_ALLOWED',
  ],
  streams: [
    'event: whole → relayed',
    'http: whole → relayed',
    'event: short → cut',
    'event: short → UPSTREAM_CUT',
    'event: invalid → UPSTREAM_INVALID_RESPONSE',
  ],
} as const;

function hasSeenAll(what: keyof typeof wanted, { runs, outcomes }: CampaignResult): boolean {
  if (runs < enoughRuns) return true;
  const unseen = outcomesToSee[what].filter((outcome) => outcomes[outcome] === undefined);
  if (unseen.length > 0) print(`  FAILED: never seen: ${unseen.join(', ')}`);
  return unseen.length === 0;
}

if (wanted.requests + wanted.streams === 0) {
  print('Nothing to do: --requests and --streams are both 0.');
  process.exit(2);
}
const isClean = [await fuzz('requests', startRequests), await fuzz('streams', startStreams)];
// Whatever a failure has left open must not keep the run from ending.
process.exit(isClean.every(Boolean) ? 0 : 1);

/** A value that is no number would run nothing, and a run of nothing is clean. */
function readNumber(name: keyof typeof values): number {
  const text = values[name];
  if (/^\d+$/.test(text)) return Number(text);
  print(`--${name}: found ${text}, expected a whole number of at least 0`);
  process.exit(2);
}
