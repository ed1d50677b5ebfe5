/** Many requests in one process, subject after subject in short blocks, so that all of them meet the same machine. */
import { toPercentile } from '../harness/statistics.ts';
import { callDirectly, type DirectOptions } from './direct-call.ts';
import { createEvent, toBody } from './event.ts';
import { context, loadHandler, ResponseSink } from './lambda.ts';

export interface WarmInput {
  /** Built handlers by name. */
  readonly handlers: Readonly<Record<string, string>>;
  readonly direct: Omit<DirectOptions, 'body' | 'path'>;
  /** Of request and answer. */
  readonly bodyBytes: number;
  readonly rounds: number;
  readonly requestsPerRound: number;
}

export interface WarmSubject {
  /** Microseconds a request, one value a round. */
  readonly cpuUs: readonly number[];
  /** Wall time of single requests: percentiles of each round. */
  readonly p50Us: readonly number[];
  readonly p99Us: readonly number[];
}

/** By name of the handler, and `direct`. */
export type WarmMeasurement = Readonly<Record<string, WarmSubject>>;

type Call = (sink: ResponseSink) => Promise<void>;

const input = JSON.parse(process.argv[2] ?? '') as WarmInput;
const subjects = await prepare();
// As many as V8 needs to have optimised what it is going to optimise.
const warmUpRounds = Math.ceil(input.rounds / 3) + 1;
for (let round = 0; round < warmUpRounds; round += 1) {
  for (const { call } of subjects) await runBlock(call, []);
}
for (let round = 0; round < input.rounds; round += 1) {
  for (let turn = 0; turn < subjects.length; turn += 1) {
    const subject = subjects[(round + turn) % subjects.length];
    if (subject) await measureBlock(subject);
  }
}
const measurement: WarmMeasurement = Object.fromEntries(
  subjects.map(({ name, cpuUs, p50Us, p99Us }) => [name, { cpuUs, p50Us, p99Us }]),
);
process.send?.(measurement, () => process.exit(0));

interface Subject {
  readonly name: string;
  readonly call: Call;
  readonly cpuUs: number[];
  readonly p50Us: number[];
  readonly p99Us: number[];
}

async function prepare(): Promise<Subject[]> {
  const path = `/bytes/${input.bodyBytes}`;
  const event = createEvent({ path, bodyBytes: input.bodyBytes });
  const direct = { ...input.direct, path, body: toBody(input.bodyBytes) };
  const prepared = [toSubject('direct', (sink) => callDirectly(direct, sink))];
  for (const [name, file] of Object.entries(input.handlers)) {
    const handler = await loadHandler(file);
    prepared.push(toSubject(name, (sink) => handler(event, sink, context)));
  }
  return prepared;
}

function toSubject(name: string, call: Call): Subject {
  return { name, call, cpuUs: [], p50Us: [], p99Us: [] };
}

async function measureBlock({ call, cpuUs, p50Us, p99Us }: Subject): Promise<void> {
  const each: number[] = [];
  const cpu = process.cpuUsage();
  await runBlock(call, each);
  const { user, system } = process.cpuUsage(cpu);
  cpuUs.push((user + system) / input.requestsPerRound);
  p50Us.push(toPercentile(each, 0.5));
  p99Us.push(toPercentile(each, 0.99));
}

async function runBlock(call: Call, each: number[]): Promise<void> {
  for (let count = 0; count < input.requestsPerRound; count += 1) {
    const sink = new ResponseSink();
    const startedMs = performance.now();
    await call(sink);
    each.push((performance.now() - startedMs) * 1000);
    if (sink.bytes !== input.bodyBytes) throw new Error(`an answer of ${sink.bytes} bytes`);
  }
}
