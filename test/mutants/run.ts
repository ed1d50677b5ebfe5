/**
 * Mutation tests: each small mistake in the sources must make a unit test fail.
 *
 *     npm run mutants                        all files (targets.ts)
 *     npm run mutants -- match.ts sign/      files whose path contains one of these
 *     npm run mutants -- --update            writes survivors.json and survivors.md
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { inheritedEnv } from '../../local/process-env.ts';
import { toReport } from './report.ts';
import { readSurvivors, writeSurvivors } from './survivors.ts';
import { findTargets, findTests } from './targets.ts';
import { instrumentAll, type Job, type Outcome } from './worker.ts';

const root = resolve(import.meta.dirname, '../..');
const worker = join(import.meta.dirname, 'worker.ts');
/** A worker that says nothing for so long hangs in a loop that no mutant is in. */
const longestSilenceMs = 240_000;
/** Before the first mutant the tests run once; on a busy machine one file may take minutes. */
const longestLearningMs = 1_200_000;

const parts = process.argv.slice(2).filter((part) => !part.startsWith('--'));
const isUpdate = process.argv.includes('--update');
const files = findTargets(root).filter(
  (file) => parts.length === 0 || parts.some((part) => file.includes(part)),
);
const mutants = [...instrumentAll(root, files).values()].flatMap((source) => source.mutants);
const outcomes = new Map<number, Outcome>();
let broken: readonly string[] = [];

while (outcomes.size < mutants.length) {
  const before = outcomes.size;
  await runWorker({ root, files, testFiles: findTests(root), done: [...outcomes.keys()] });
  if (outcomes.size === before) throw new Error('the worker stopped before it ran a mutant');
}
const isLiving = ({ id }: { readonly id: number }) =>
  ['survived', 'uncovered'].includes(outcomes.get(id)?.state ?? '');
if (isUpdate) writeSurvivors(import.meta.dirname, files, mutants.filter(isLiving));
const report = toReport({ files, mutants, isLiving, broken }, readSurvivors(import.meta.dirname));
process.stdout.write(report.text);
process.exitCode = report.isGood ? 0 : 1;

interface Message {
  /** A test file that was run without a mutant. */
  readonly learned?: string;
  readonly begun?: number;
  readonly broken?: readonly string[];
  readonly id?: number;
}

async function runWorker(job: Job): Promise<void> {
  const path = join(mkdtempSync(join(tmpdir(), 'mutants-')), 'job.json');
  writeFileSync(path, JSON.stringify(job));
  const child = spawn(process.execPath, ['--import', 'tsx', worker, path], {
    cwd: root,
    env: { ...inheritedEnv(), CI: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let begun: number | undefined;
  let watch = watchSilence(child, longestLearningMs);
  broken = [];
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(watch);
    const message = readMessage(line);
    if (message.begun !== undefined) begun = message.begun;
    watch = watchSilence(child, message.learned ? longestLearningMs : longestSilenceMs);
    if (message.broken) broken = [...broken, ...message.broken];
    if (message.id !== undefined) {
      outcomes.set(message.id, message as Outcome);
      begun = undefined;
      showProgress();
    }
  }
  clearTimeout(watch);
  if (begun !== undefined) outcomes.set(begun, { id: begun, state: 'hung' });
}

function watchSilence(child: ChildProcess, ms: number): NodeJS.Timeout {
  return setTimeout(() => child.kill('SIGKILL'), ms);
}

/** Tests may print lines of their own. */
function readMessage(line: string): Message {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

function showProgress(): void {
  if (outcomes.size % 100 > 0) return;
  process.stderr.write(`${outcomes.size} of ${mutants.length} mutants\n`);
}
