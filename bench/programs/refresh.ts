/** Measures the time that a refresh adds to the request that starts it, compared with requests between refreshes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createEvent } from './event.ts';
import { context, loadHandler, ResponseSink } from './lambda.ts';

export interface RefreshInput {
  readonly handler: string;
  readonly path: string;
  /** Number of rounds. Each has one refresh. */
  readonly rounds: number;
  /**
   * Time step: longer than the refresh interval, and shorter than the idle time after which a request waits for a
   * refresh.
   */
  readonly stepMs: number;
  /** Time for a refresh to end before the next request is measured. */
  readonly settleMs: number;
}

/** Wall time of single requests, in ms: one of each kind for each round. */
export interface RefreshMeasurement {
  readonly beginning: readonly number[];
  readonly between: readonly number[];
}

const {
  handler: path,
  path: requestPath,
  rounds,
  stepMs,
  settleMs,
} = JSON.parse(process.argv[2] ?? '') as RefreshInput;
// The handler reads the time from here. A step forward makes a refresh due, as a freeze of the environment does.
let steppedMs = 0;
const systemNow = Date.now;
Date.now = () => systemNow() + steppedMs;

const handler = await loadHandler(path);
const event = createEvent({ path: requestPath, bodyBytes: 1024 });
const measurement = { beginning: [] as number[], between: [] as number[] };
for (let round = -20; round < rounds; round += 1) {
  const between = await measure();
  steppedMs += stepMs;
  const beginning = await measure();
  await sleep(settleMs);
  if (round < 0) continue;
  measurement.beginning.push(beginning);
  measurement.between.push(between);
}
process.send?.(measurement satisfies RefreshMeasurement, () => process.exit(0));

async function measure(): Promise<number> {
  const sink = new ResponseSink();
  const startedMs = performance.now();
  await handler(event, sink, context);
  if (sink.bytes !== 1024) throw new Error(`the handler answered ${sink.bytes} bytes`);
  return performance.now() - startedMs;
}
