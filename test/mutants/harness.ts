/**
 * The part of Jest that unit tests use, so that one test can run again and again in one process: Jest starts each file
 * anew, which takes longer than the tests of most mutants.
 */
import { expect } from 'expect';
import { createFakes } from './fakes.ts';

type Body = (...values: unknown[]) => unknown;

/** One test of one file. */
export interface Test {
  readonly title: string;
  /** @throws what the test, or a hook of it, throws */
  readonly run: () => Promise<void>;
}

interface Block {
  readonly title: string;
  readonly parent: Block | undefined;
  readonly once: Body[];
  readonly before: Body[];
  readonly after: Body[];
}

/** Runs `load`, which defines tests by the globals of Jest. */
export function collectTests(load: () => void): readonly Test[] {
  const tests: Test[] = [];
  let block: Block = { title: '', parent: undefined, once: [], before: [], after: [] };
  const describe = (title: unknown, body: Body) => {
    const outer = block;
    block = { title: `${outer.title}${title} › `, parent: outer, once: [], before: [], after: [] };
    body();
    block = outer;
  };
  const test = (title: string, body: Body) => {
    const own = block;
    tests.push({ title: own.title + title, run: () => runTest(own, body) });
  };
  const globals = {
    describe: withEach(describe),
    test: withEach(test),
    it: withEach(test),
    beforeAll: (body: Body) => block.once.push(body),
    // What is open ends with the process.
    afterAll: () => {},
    beforeEach: (body: Body) => block.before.push(body),
    afterEach: (body: Body) => block.after.unshift(body),
    expect,
    jest: fakes,
  };
  Object.assign(globalThis, globals);
  load();
  return tests;
}

const fakes = createFakes();

async function runTest(block: Block, body: Body): Promise<void> {
  const chain: Block[] = [];
  for (let own: Block | undefined = block; own; own = own.parent) chain.unshift(own);
  try {
    for (const { once } of chain) for (const hook of once.splice(0)) await hook();
    for (const { before } of chain) for (const hook of before) await hook();
    await body();
  } finally {
    for (const { after } of chain.toReversed()) for (const hook of after) await hook();
    // A test that fails leaves its fakes, and the next one would run under them.
    fakes.useRealTimers();
    fakes.restoreAllMocks();
  }
}

function withEach(define: (title: string, body: Body) => void) {
  const each = (rows: readonly unknown[]) => (title: string, body: Body) => {
    rows.forEach((row, index) => {
      const values = Array.isArray(row) && rows.every(Array.isArray) ? row : [row];
      define(`${title} [${index}]`, () => body(...values));
    });
  };
  return Object.assign(define, { each, skip: () => {} });
}
