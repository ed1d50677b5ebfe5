/** The process that runs mutants: one line of JSON for each on standard output. Its parent starts it anew when it hangs. */
import { readFileSync } from 'node:fs';
import { bundleTests } from './bundle.ts';
import { type Instrumented, instrument } from './instrument.ts';
import { createStage, type KnownFile, type KnownTest, type Stage } from './stage.ts';
import { createSwitch } from './switch.ts';

/** What the parent asks for. */
export interface Job {
  readonly root: string;
  readonly files: readonly string[];
  readonly testFiles: readonly string[];
  /** The mutants that have been run. */
  readonly done: readonly number[];
}

/** What became of a mutant. */
export interface Outcome {
  readonly id: number;
  readonly state: 'killed' | 'survived' | 'uncovered' | 'hung';
  readonly by?: string | undefined;
}

/** A test that comes past the code more often than this is not run for each mutant of a constant. */
const mostCalls = 300_000;

/** @returns the instrumented sources; ids are the same in each process */
export function instrumentAll(root: string, files: readonly string[]): Map<string, Instrumented> {
  const sources = new Map<string, Instrumented>();
  let nextId = 0;
  for (const file of files) {
    const instrumented = instrument(file, readFileSync(`${root}/${file}`, 'utf8'), nextId);
    nextId += instrumented.mutants.length;
    sources.set(file, instrumented);
  }
  return sources;
}

async function work({ root, files, testFiles, done }: Job): Promise<void> {
  const sources = instrumentAll(root, files);
  const bundles = await bundleTests(root, testFiles, sources);
  const stage = createStage(bundles, createSwitch());
  const known: KnownFile[] = [];
  for (const [at, { testFile }] of bundles.entries()) {
    const file = await stage.learn(at);
    known.push(file);
    say({ learned: testFile, broken: file.broken.map((test) => `${testFile}: ${test}`) });
  }
  const finished = new Set(done);
  for (const [source, { mutants }] of sources) {
    const near = known.filter((_, at) => bundles[at]?.sources.includes(source));
    for (const { id } of mutants) {
      if (finished.has(id)) continue;
      say({ begun: id });
      say(await tryMutant(id, near, { stage, own: new Set(mutants.map((mutant) => mutant.id)) }));
    }
  }
  process.exit(0);
}

interface Trial {
  readonly stage: Stage;
  /** All mutants of the same source. */
  readonly own: ReadonlySet<number>;
}

async function tryMutant(
  id: number,
  near: readonly KnownFile[],
  { stage, own }: Trial,
): Promise<Outcome> {
  const covering = near.flatMap(({ tests }) => tests).filter(({ hits }) => hits.has(id));
  const killer = await stage.findKiller(id, cheapestFirst(covering));
  if (killer) return { id, state: 'killed', by: killer.title };
  const loading = near.filter(({ loadHits }) => loadHits.has(id));
  if (loading.length + covering.length === 0) return { id, state: 'uncovered' };
  const touches = ({ hits }: KnownTest) => [...hits].some((hit) => own.has(hit));
  // What uses the source itself is the likeliest to notice that a constant of it is another one.
  for (const isTouched of [true, false]) {
    for (const { at, tests } of loading) {
      const chosen = tests.filter((test) => test.calls < mostCalls && touches(test) === isTouched);
      const by = await stage.findKillerAtLoad(id, at, cheapestFirst(chosen));
      if (by) return { id, state: 'killed', by };
    }
  }
  return { id, state: 'survived' };
}

function cheapestFirst(tests: readonly KnownTest[]): readonly KnownTest[] {
  return tests.toSorted((one, other) => one.calls - other.calls);
}

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const [, , job] = process.argv;
if (job !== undefined && import.meta.filename === process.argv[1]) {
  await work(JSON.parse(readFileSync(job, 'utf8')));
}
