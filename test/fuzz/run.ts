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
const seed = Number(values.seed);
const lanes = Number(values.lanes);
const endsAt = Date.now() + Number(values.seconds) * 1000;
const print = (text: string) => process.stdout.write(`${text}\n`);

async function fuzz<T>(
  what: string,
  runs: number,
  start: (count: (outcome: string) => void) => Promise<Worker<T>>,
): Promise<boolean> {
  if (runs === 0) return true;
  print(`\n${what}: ${runs}, from seed ${seed}, in ${lanes} environments`);
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(0);
  const onProgress = (done: number) => {
    if (done % 10_000 === 0) print(`  ${done} after ${seconds()} s`);
  };
  try {
    const limitMs = endsAt - Date.now();
    report(await runCampaign(start, { runs, seed, lanes, limitMs, onProgress }), runs, seconds());
    return true;
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    print(`FOUND ${cause instanceof Error ? cause.message : ''}\n${message.slice(0, 8000)}`);
    print(`again: npm run fuzz -- --${what} 1000 --lanes 1 --seed <the seed above>`);
    return false;
  }
}

function report({ runs, outcomes }: CampaignResult, wanted: number, seconds: string): void {
  print(`  ${runs} in ${seconds} s: no crash, hang, mismatch or leak`);
  if (runs < wanted) print(`  the time was over before the other ${wanted - runs}`);
  for (const [outcome, times] of Object.entries(outcomes))
    print(`  ${String(times).padStart(8)}  ${outcome}`);
}

const isClean = [
  await fuzz('requests', Number(values.requests), startRequests),
  await fuzz('streams', Number(values.streams), startStreams),
];
// Whatever a failure has left open must not keep the run from ending.
process.exit(isClean.every(Boolean) ? 0 : 1);
