/**
 * Measures one cold start: a new process, a handler, and its first request. It imports nothing that the handler may
 * need.
 */
import { createEvent } from './event.ts';
import { context, loadHandler, ResponseSink } from './lambda.ts';

export interface ColdInput {
  readonly handler: string;
  readonly path: string;
}

export interface ColdMeasurement {
  /** Start of the import, in epoch ms with fractions. The process had started `bootMs` earlier. */
  readonly startedAtMs: number;
  readonly bootMs: number;
  /** Time from there until the module was evaluated and its INIT work was done. */
  readonly initMs: number;
  readonly initCpuMs: number;
  /** Time from there until the first byte of the first response. */
  readonly firstByteMs: number;
  readonly firstByteCpuMs: number;
}

const { handler: path, path: requestPath } = JSON.parse(process.argv[2] ?? '') as ColdInput;
const event = createEvent({ path: requestPath, bodyBytes: 1024 });
const startedMs = performance.now();
const startedCpu = process.cpuUsage();

const handler = await loadHandler(path);
const init = elapsed();
let firstByte = init;
const sink = new ResponseSink({
  onFirstByte: () => {
    firstByte = elapsed();
  },
});
await handler(event, sink, context);
if (sink.bytes === 0) throw new Error('the handler answered nothing');
const measurement: ColdMeasurement = {
  startedAtMs: performance.timeOrigin + startedMs,
  bootMs: startedMs,
  initMs: init.wallMs,
  initCpuMs: init.cpuMs,
  firstByteMs: firstByte.wallMs,
  firstByteCpuMs: firstByte.cpuMs,
};
process.send?.(measurement, () => process.exit(0));

function elapsed(): { readonly wallMs: number; readonly cpuMs: number } {
  const wallMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(startedCpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}
