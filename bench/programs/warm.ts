/**
 * Sends many requests in one process. The subjects take turns in short blocks, so that all have the same conditions.
 */
import { toPercentile } from '../harness/statistics.ts';
import { prepareSubjects, type Subject, type SubjectsInput } from './subjects.ts';

export interface WarmInput extends SubjectsInput {
  readonly rounds: number;
  readonly requestsPerRound: number;
}

export interface WarmSubject {
  /** Microseconds for each request, one value for each round. */
  readonly cpuUs: readonly number[];
  /** Wall time of single requests: percentiles for each round. */
  readonly p50Us: readonly number[];
  readonly p99Us: readonly number[];
  /** 99.9th percentile of all requests of all rounds. */
  readonly p999Us: number;
}

/** Results by the subject's name. */
export type WarmMeasurement = Readonly<Record<string, WarmSubject>>;

const input = JSON.parse(process.argv[2] ?? '') as WarmInput;
const subjects = (await prepareSubjects(input)).map((subject) => ({
  ...subject,
  cpuUs: [] as number[],
  p50Us: [] as number[],
  p99Us: [] as number[],
  allUs: [] as number[],
}));
// Enough rounds for V8 to optimise the code.
const warmUpRounds = Math.ceil(input.rounds / 5) + 1;
for (let round = 0; round < warmUpRounds; round += 1) {
  for (const subject of subjects) await runBlock(subject, []);
}
for (let round = 0; round < input.rounds; round += 1) {
  for (let turn = 0; turn < subjects.length; turn += 1) {
    const subject = subjects[(round + turn) % subjects.length];
    if (!subject) continue;
    const each: number[] = [];
    const cpu = process.cpuUsage();
    await runBlock(subject, each);
    const { user, system } = process.cpuUsage(cpu);
    subject.cpuUs.push((user + system) / input.requestsPerRound);
    subject.p50Us.push(toPercentile(each, 0.5));
    subject.p99Us.push(toPercentile(each, 0.99));
    for (const one of each) subject.allUs.push(one);
  }
}
const measurement: WarmMeasurement = Object.fromEntries(
  subjects.map(({ name, cpuUs, p50Us, p99Us, allUs }) => [
    name,
    { cpuUs, p50Us, p99Us, p999Us: toPercentile(allUs, 0.999) },
  ]),
);
process.send?.(measurement, () => process.exit(0));

async function runBlock({ call }: Subject, each: number[]): Promise<void> {
  for (let count = 0; count < input.requestsPerRound; count += 1) {
    const startedMs = performance.now();
    await call();
    each.push((performance.now() - startedMs) * 1000);
  }
}
