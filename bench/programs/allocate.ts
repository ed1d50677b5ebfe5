/**
 * Measures the heap that a request allocates, by the growth over many requests without a collection. Run it with a
 * young generation that is large enough, and with --expose-gc.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { prepareSubjects, type SubjectsInput } from './subjects.ts';

export interface AllocateInput extends SubjectsInput {
  readonly rounds: number;
}

/** Bytes for each request, one value for each round, by the subject's name. */
export type AllocateMeasurement = Readonly<Record<string, readonly number[]>>;

const input = JSON.parse(process.argv[2] ?? '') as AllocateInput;
const warmUps = 3000;
const requests = 200;
let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

const measurement: Record<string, number[]> = {};
for (const { name, call } of await prepareSubjects(input)) {
  for (let count = 0; count < warmUps; count += 1) await call();
  const values: number[] = [];
  while (values.length < input.rounds) {
    (globalThis as { gc?: () => void }).gc?.();
    // The observer is called some time after the collection.
    await new Promise((resolve) => setTimeout(resolve, 20));
    collections = 0;
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < requests; count += 1) await call();
    const grown = process.memoryUsage().heapUsed - before;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (collections === 0) values.push(grown / requests);
  }
  measurement[name] = values;
}
process.send?.(measurement satisfies AllocateMeasurement, () => process.exit(0));
