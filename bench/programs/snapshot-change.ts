/** Measures the cost of a change of one document among many, for an environment that serves requests meanwhile. */
import { gzipSync } from 'node:zlib';
import { defaultEnvPrefix } from '../../functions/proxy/documents/reference-rules.ts';
import { createLogger } from '../../functions/proxy/log/log.ts';
import { createInertServices } from '../../functions/proxy/plugins/inert-services.ts';
import { compileRecord } from '../../functions/proxy/routes/snapshot/compile-record.ts';
import { createCompiledDocuments } from '../../functions/proxy/routes/snapshot/compiled-documents.ts';
import { createSnapshotLoader } from '../../functions/proxy/routes/snapshot/load.ts';
import type { StoredObject } from '../../functions/proxy/send/object-store.ts';
import { snapshotRoot as root, toSnapshotBytes } from './snapshots.ts';

export interface SnapshotChangeInput {
  readonly routes: number;
  readonly rounds: number;
}

export interface SnapshotChangeMeasurement {
  /** Longest time of each change in which no other code ran. */
  readonly pauseMs: readonly number[];
  /** CPU time of each change, of all threads. */
  readonly cpuMs: readonly number[];
  /** Memory of each route of a loaded table, including bytes outside the heap; run with --expose-gc. */
  readonly bytesPerRoute: number;
}

const { routes, rounds } = JSON.parse(process.argv[2] ?? '') as SnapshotChangeInput;
const now = () => Date.now();
const upstream = 'https://bytes.lambda-url.us-east-1.on.aws';

let edition = 0;
const objects = Array.from({ length: 3 }, (_, index) =>
  gzipSync(toSnapshotBytes({ routes, upstream, edition: index + 1 })),
);
/** Each read finds another edition. After the last one the sequence starts again, so that no bytes are created here. */
const read = async (): Promise<StoredObject> => {
  const bytes = objects[edition % objects.length] as Buffer;
  edition += 1;
  return { bytes, etag: `"${edition}"` };
};

const compiling = {
  root,
  rules: { root, secretPaths: [], originSecret: undefined, envPrefix: defaultEnvPrefix },
  compile: {
    requireAccessPlugin: false,
    services: createInertServices({
      region: 'us-east-1',
      allowedHosts: [],
      limitTable: undefined,
    }),
  },
  readVariable: () => undefined,
  log: createLogger('error', (line) => process.stderr.write(line)),
};
const before = measureMemory();
const load = createSnapshotLoader({
  ...{ root, now, uri: 's3://bench/snapshot', key: undefined, hasOriginSecret: false },
  store: { read },
  documents: createCompiledDocuments((record) => compileRecord(record, compiling)),
});
let table = await load(undefined);
const bytesPerRoute = (measureMemory() - before) / routes;
const pauseMs: number[] = [];
const cpuMs: number[] = [];
for (let round = -2; round < rounds; round += 1) {
  const cpu = process.cpuUsage();
  const longestMs = await watchLoop(async () => {
    // The current snapshot must be older, or the read is refused.
    table = await load({ ...table, sequence: 0 });
  });
  const { user, system } = process.cpuUsage(cpu);
  if (round < 0) continue;
  pauseMs.push(longestMs);
  cpuMs.push((user + system) / 1000);
}
const measurement: SnapshotChangeMeasurement = { pauseMs, cpuMs, bytesPerRoute };
process.send?.(measurement, () => process.exit(0));

/** @returns the longest gap between two turns of the event loop while something runs */
async function watchLoop(run: () => Promise<void>): Promise<number> {
  let isOver = false;
  let longestMs = 0;
  let lastMs = performance.now();
  const turn = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await run();
  isOver = true;
  await new Promise((resolve) => setImmediate(resolve));
  return longestMs;
}

function measureMemory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
