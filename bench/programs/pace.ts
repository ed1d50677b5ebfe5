/** Measures the delay of small events, 10 ms apart, through a subject. */
import { callDirectly, type DirectOptions } from './direct-call.ts';
import { createEvent, toBody } from './event.ts';
import { context, loadHandler, ResponseSink } from './lambda.ts';

export interface PaceInput {
  /** Undefined for the direct call. */
  readonly handler: string | undefined;
  readonly direct: Omit<DirectOptions, 'body' | 'path'>;
  readonly events: number;
}

export interface PaceMeasurement {
  /** Time from the upstream's write to the subject's, in ms, one value for each event. */
  readonly delayMs: readonly number[];
}

const { handler: file, direct, events } = JSON.parse(process.argv[2] ?? '') as PaceInput;
const path = `/paced/${events}`;
const bodyBytes = 1024;
const delayMs: number[] = [];

class ListeningSink extends ResponseSink {
  override write(chunk: string | Uint8Array): boolean {
    const arrivedMs = performance.timeOrigin + performance.now();
    for (const line of Buffer.from(chunk).toString('latin1').split('\n')) {
      if (line !== '') delayMs.push(arrivedMs - Number(line));
    }
    return super.write(chunk);
  }
}

if (file === undefined) {
  await callDirectly({ ...direct, path, body: toBody(bodyBytes) }, new ListeningSink());
} else {
  const handler = await loadHandler(file);
  await handler(createEvent({ path, bodyBytes }), new ListeningSink(), context);
}
if (delayMs.length !== events) throw new Error(`${delayMs.length} events came`);
// The first events run unoptimised code.
const measurement: PaceMeasurement = { delayMs: delayMs.slice(Math.floor(events / 4)) };
process.send?.(measurement, () => process.exit(0));
