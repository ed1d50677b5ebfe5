/** Measures one long response through one subject: first byte, throughput, and growth of memory. */
import { callDirectly, type DirectOptions } from './direct-call.ts';
import { createEvent, toBody } from './event.ts';
import { context, loadHandler, ResponseSink } from './lambda.ts';

export interface StreamInput {
  /** Undefined for the direct call. */
  readonly handler: string | undefined;
  readonly direct: Omit<DirectOptions, 'body' | 'path'>;
  readonly bytes: number;
  /** Undefined if the client takes everything at once. */
  readonly bytesPerMs: number | undefined;
}

export interface StreamMeasurement {
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly cpuMs: number;
  /** Bytes above the resident size before the stream. */
  readonly growthBytes: number;
}

const input = JSON.parse(process.argv[2] ?? '') as StreamInput;
const warmUpBytes = 4 * 2 ** 20;
const warmUps = 8;
const sampleMs = 2;

const call = await prepare();
for (let count = 0; count < warmUps; count += 1) await call(warmUpBytes, new ResponseSink());
(globalThis as { gc?: () => void }).gc?.();
const measurement = await measure();
process.send?.(measurement, () => process.exit(0));

type Call = (bytes: number, sink: ResponseSink) => Promise<void>;

async function prepare(): Promise<Call> {
  const body = toBody(1024);
  const { handler: file, direct } = input;
  if (file === undefined) {
    return (bytes, sink) => callDirectly({ ...direct, path: `/stream/${bytes}`, body }, sink);
  }
  const handler = await loadHandler(file);
  return (bytes, sink) =>
    handler(createEvent({ path: `/stream/${bytes}`, bodyBytes: 1024 }), sink, context);
}

async function measure(): Promise<StreamMeasurement> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, sampleMs);
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  let firstByteMs = 0;
  const sink = new ResponseSink({
    onFirstByte: () => {
      firstByteMs = performance.now() - startedMs;
    },
    bytesPerMs: input.bytesPerMs,
  });
  await call(input.bytes, sink);
  const totalMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(sampler);
  peak = Math.max(peak, process.memoryUsage.rss());
  if (sink.bytes !== input.bytes) throw new Error(`${sink.bytes} bytes came`);
  return { firstByteMs, totalMs, cpuMs: (user + system) / 1000, growthBytes: peak - before };
}
