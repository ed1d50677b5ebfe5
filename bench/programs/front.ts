/** Measures a client of a signing proxy that listens on a port, compared with the direct call. */
import { Agent, request } from 'node:http';
import { toPercentile } from '../harness/statistics.ts';
import { toBody } from './event.ts';
import { prepareSubjects, type Subject, type SubjectsInput } from './subjects.ts';

export interface FrontInput extends SubjectsInput {
  readonly port: number;
  readonly rounds: number;
  readonly requestsPerRound: number;
}

/** Median wall time in µs, one value for each round. */
export interface FrontMeasurement {
  readonly front: readonly number[];
  readonly direct: readonly number[];
}

const input = JSON.parse(process.argv[2] ?? '') as FrontInput;
const agent = new Agent({ keepAlive: true });
const body = toBody(input.bodyBytes);
const [direct] = await prepareSubjects(input);
if (!direct) throw new Error('there is no direct call');
const front: Subject = { name: 'front', call: callFront };
const measurement = { front: [] as number[], direct: [] as number[] };
for (let round = -2; round < input.rounds; round += 1) {
  for (const [name, subject] of [['front', front] as const, ['direct', direct] as const]) {
    const each: number[] = [];
    for (let count = 0; count < input.requestsPerRound; count += 1) {
      const startedMs = performance.now();
      await subject.call();
      each.push((performance.now() - startedMs) * 1000);
    }
    if (round >= 0) measurement[name].push(toPercentile(each, 0.5));
  }
}
process.send?.(measurement satisfies FrontMeasurement, () => process.exit(0));

function callFront(): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      host: '127.0.0.1',
      port: input.port,
      method: 'POST',
      path: `/bytes/${input.bodyBytes}`,
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      incoming.on('error', reject);
      incoming.on('end', () => {
        if (bytes === input.bodyBytes) resolve();
        else reject(new Error(`status ${incoming.statusCode}, ${bytes} bytes`));
      });
    });
    outgoing.end(body);
  });
}
