/** Runs 64 concurrent invocations in one process, as Lambda Managed Instances do. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { toPercentile } from '../harness/statistics.ts';
import { prepareSubjects, type Subject, type SubjectsInput } from './subjects.ts';

export interface ConcurrentInput extends SubjectsInput {
  readonly rounds: number;
  readonly requestsPerRound: number;
  readonly atOnce: number;
}

export interface ConcurrentSubject {
  /** One value for each round. */
  readonly perSecond: readonly number[];
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
  /** 99th percentile of the event loop's delay. */
  readonly loopDelayMs: readonly number[];
}

/** Results by the subject's name. */
export type ConcurrentMeasurement = Readonly<Record<string, ConcurrentSubject>>;

const input = JSON.parse(process.argv[2] ?? '') as ConcurrentInput;
const subjects = (await prepareSubjects(input)).map((subject) => ({
  ...subject,
  perSecond: [] as number[],
  p50Ms: [] as number[],
  p99Ms: [] as number[],
  loopDelayMs: [] as number[],
}));
const loopResolutionMs = 1;
const warmUpRounds = 3;
for (let round = -warmUpRounds; round < input.rounds; round += 1) {
  for (const subject of subjects) {
    const delay = monitorEventLoopDelay({ resolution: loopResolutionMs });
    delay.enable();
    const startedMs = performance.now();
    const each = await runAtOnce(subject);
    const tookMs = performance.now() - startedMs;
    delay.disable();
    if (round < 0) continue;
    subject.perSecond.push((input.requestsPerRound / tookMs) * 1000);
    subject.p50Ms.push(toPercentile(each, 0.5));
    subject.p99Ms.push(toPercentile(each, 0.99));
    // The histogram counts whole intervals of its timer.
    subject.loopDelayMs.push(Math.max(0, delay.percentile(99) / 1e6 - loopResolutionMs));
  }
}
const measurement: ConcurrentMeasurement = Object.fromEntries(
  subjects.map(({ name, perSecond, p50Ms, p99Ms, loopDelayMs }) => [
    name,
    { perSecond, p50Ms, p99Ms, loopDelayMs },
  ]),
);
process.send?.(measurement, () => process.exit(0));

async function runAtOnce({ call }: Subject): Promise<number[]> {
  const each: number[] = [];
  let begun = 0;
  const runOneAfterAnother = async () => {
    while (begun < input.requestsPerRound) {
      begun += 1;
      const startedMs = performance.now();
      await call();
      each.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: input.atOnce }, runOneAfterAnother));
  return each;
}
