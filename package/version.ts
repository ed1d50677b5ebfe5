/**
 * What `npm version` runs, beside npm's own work (it refuses uncommitted changes, sets the version, commits and tags):
 * `check` before, `write` after the version is set, `notes` prints the items of the version.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSection, readUnreleased, releaseChangelog } from './changelog.ts';

const root = join(import.meta.dirname, '..');
const changelogFile = join(root, 'CHANGELOG.md');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const steps: Readonly<Record<string, () => void>> = {
  check() {
    readUnreleased(read('CHANGELOG.md'));
    runContract('--check');
  },

  write() {
    const date = new Date().toISOString().slice(0, 10);
    // The contract first: it reads what CHANGELOG.md says under "Unreleased".
    runContract('--release');
    const text = releaseChangelog(read('CHANGELOG.md'), { version: readVersion(), date });
    writeFileSync(changelogFile, text);
    run('git', 'add', 'CHANGELOG.md', 'test/contract/contract.txt');
  },

  notes() {
    process.stdout.write(`${readSection(read('CHANGELOG.md'), readVersion())}\n`);
  },
};

function readVersion(): string {
  return (JSON.parse(read('package.json')) as { readonly version: string }).version;
}

function runContract(option: string): void {
  run(process.execPath, '--import', 'tsx', 'test/contract/write.ts', option);
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

const [name = ''] = process.argv.slice(2);
try {
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (!step) throw new Error(`${name || 'nothing'} is no step: expected check, write or notes.`);
  step();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
