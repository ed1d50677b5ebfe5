/** Loads test files and runs tests, with a mutant awake or with none. */
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { Script } from 'node:vm';
import fastCheck from 'fast-check';
import type { Bundle } from './bundle.ts';
import { collectTests, type Test } from './harness.ts';
import type { MutantSwitch } from './switch.ts';

/** A test, and what it came past without a mutant. */
export interface KnownTest {
  readonly bundle: number;
  readonly index: number;
  readonly title: string;
  readonly hits: ReadonlySet<number>;
  /** How often the sources asked for a mutant: what the test costs, in a figure that does not depend on the machine. */
  readonly calls: number;
  /** It fails when it runs again, since it changes what its file made when it was loaded. */
  readonly isUnruly: boolean;
  readonly longestMs: number;
}

/** A test file that was run once without a mutant. */
export interface KnownFile {
  /** Place of its bundle. */
  readonly at: number;
  readonly tests: readonly KnownTest[];
  /** Mutants in code that runs while the file is loaded. */
  readonly loadHits: ReadonlySet<number>;
  /** Tests that fail without a mutant. */
  readonly broken: readonly string[];
}

/** A test that waits for longer than this, and for many times what it took before, waits for ever. */
const patienceMs = 4000;
/** A loop that never ends may fill the memory, so that it is stopped early, even in a test that takes very many steps itself. */
const mostMoreCalls = 5_000_000;
/** A test that comes past the code more often is about cost, and is run for no mutant: that would take seconds for each. */
const mostCalls = 5_000_000;
const seed = 20_240_607;
const timers = { setTimeout, clearTimeout, setImmediate };

/** Runs tests, with a mutant awake or with none. */
export interface Stage {
  /** Loads a test file and runs its tests without a mutant. */
  learn(at: number): Promise<KnownFile>;
  /** @returns the first of the tests that fails while the mutant is awake */
  findKiller(id: number, tests: readonly KnownTest[]): Promise<KnownTest | undefined>;
  /**
   * The same for a mutant in code that runs while a file is loaded: it is loaded anew.
   *
   * @param tests of the file at this place
   */
  findKillerAtLoad(
    id: number,
    at: number,
    tests: readonly KnownTest[],
  ): Promise<string | undefined>;
}

/** @returns a stage for the test files of these bundles */
export function createStage(bundles: readonly Bundle[], mutants: MutantSwitch): Stage {
  fastCheck.configureGlobal({ seed });
  const scripts = bundles.map(({ code, testFile }) => {
    const text = `(function (require, module, exports, __filename, __dirname) {${code}\n})`;
    return new Script(text, { filename: testFile }).runInThisContext();
  });
  const load = (at: number): readonly Test[] => {
    seedRandom();
    const path = resolve(bundles[at]?.testFile ?? '');
    const module = { exports: {} };
    return collectTests(() => {
      scripts[at](createRequire(path), module, module.exports, path, dirname(path));
    });
  };
  const loaded = new Map<number, readonly Test[]>();
  const limitOf = ({ calls }: KnownTest) => calls + Math.min(calls * 50 + 200_000, mostMoreCalls);

  async function learn(at: number): Promise<KnownFile> {
    mutants.record();
    const tests = load(at);
    loaded.set(at, tests);
    const loadHits = mutants.recorded().hits;
    const known: KnownTest[] = [];
    const broken: string[] = [];
    for (const [index, test] of tests.entries()) {
      mutants.record(mostCalls);
      const startedAt = performance.now();
      const error = await failureOf(test);
      const longestMs = patienceMs + 20 * (performance.now() - startedAt);
      const { hits, calls } = mutants.recorded();
      if (calls > mostCalls) continue;
      const isUnruly = !error && (await failureOf(test)) !== undefined;
      if (error) broken.push(`${test.title}: ${error.message}`);
      else known.push({ bundle: at, index, title: test.title, hits, calls, isUnruly, longestMs });
    }
    return { at, tests: known, loadHits, broken };
  }

  async function findKiller(
    id: number,
    tests: readonly KnownTest[],
  ): Promise<KnownTest | undefined> {
    for (const known of tests) {
      if (known.isUnruly) loaded.set(known.bundle, load(known.bundle));
      const test = loaded.get(known.bundle)?.[known.index];
      mutants.wake(id, limitOf(known));
      if (test && (await failureOf(test, known.longestMs))) return known;
    }
    return undefined;
  }

  async function findKillerAtLoad(
    id: number,
    at: number,
    tests: readonly KnownTest[],
  ): Promise<string | undefined> {
    if (tests.length === 0) return undefined;
    const usual = loaded.get(at) ?? [];
    try {
      mutants.wake(id, 10 * mostMoreCalls);
      loaded.set(at, load(at));
      if (loaded.get(at)?.length !== usual.length) return 'other tests';
      return (await findKiller(id, tests))?.title;
    } catch {
      return 'the file can not be loaded';
    } finally {
      loaded.set(at, usual);
    }
  }

  return { learn, findKiller, findKillerAtLoad };
}

async function failureOf(test: Test, longestMs = 120_000): Promise<Error | undefined> {
  seedRandom();
  let onIdle = () => {};
  let onThrown = (_: unknown) => {};
  const hung = new Promise<never>((_, reject) => {
    onThrown = reject;
    onIdle = () => {
      timers.setImmediate(() => reject(new Error('the test waits for nothing')));
    };
  });
  process.on('beforeExit', onIdle);
  process.on('uncaughtException', onThrown);
  process.on('unhandledRejection', onThrown);
  const timer = timers.setTimeout(onIdle, longestMs);
  timer.unref();
  try {
    await Promise.race([test.run(), hung]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    timers.clearTimeout(timer);
    process.off('beforeExit', onIdle);
    process.off('uncaughtException', onThrown);
    process.off('unhandledRejection', onThrown);
  }
}

/** The same numbers in each run (Park and Miller's generator), so that the same mutants are killed. */
function seedRandom(): void {
  let state = seed;
  Math.random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
