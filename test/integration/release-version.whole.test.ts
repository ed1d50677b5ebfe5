/** `npm version` in a copy of this repository. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inheritedEnv } from '../../local/process-env.ts';
import { sample } from '../support/sample.ts';

const repository = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'countersign-release-'));
const run = promisify(execFile);
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const changelog = readFileSync(join(repository, 'CHANGELOG.md'), 'utf8');
const contract = readFileSync(join(repository, 'test/contract/contract.txt'), 'utf8');

// No settings of the machine: neither a signing key nor hooks.
const env = {
  ...inheritedEnv(),
  ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.com' },
  ...{ GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.com' },
};
const git = async (...args: string[]) =>
  (await run('git', args, { cwd: folder, env })).stdout.trim();
const version = (...args: string[]) =>
  run('npm', ['version', ...args], { cwd: folder, env }).then(
    ({ stdout }) => ({ isDone: true, text: stdout }),
    ({ stdout, stderr }) => ({ isDone: false, text: `${stdout}${stderr}` }),
  );

async function commit(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  await git('commit', '--quiet', '--all', '--allow-empty', '--message', 'Change');
}

beforeAll(async () => {
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
  });
  const needed =
    /^(package|lib|functions|cli|local|release|schema|terraform|test\/contract|bin)\/|^[^/]+$/;
  for (const file of stdout.split('\n').filter((name) => needed.test(name))) {
    // A file that was deleted and not committed yet is listed, too.
    if (existsSync(join(repository, file))) cpSync(join(repository, file), join(folder, file));
  }
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '--all');
  await commit({ 'test/contract/contract.txt': `${contract}code GONE = 400\n` });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('with uncommitted changes nothing happens', async () => {
  writeFileSync(join(folder, 'LICENSE'), 'changed');

  const { isDone, text } = await version('minor');
  await git('checkout', '--quiet', 'LICENSE');

  expect(isDone).toBe(false);
  expect(text).toContain('Git working directory not clean');
  expect(await git('tag')).toBe('');
});

const empty = '# Changelog\n\n## Unreleased\n\n## 0.0.1 (2026-01-02)\n\n- A.\n';

// Each is a process that starts another one.
test.each(
  sample([
    ['nothing under "Unreleased"', empty, 'CHANGELOG.md has nothing under "Unreleased"'],
    ['a broken promise', changelog, 'CHANGELOG.md does not name:\ncode GONE = 400'],
  ]),
)('with %s nothing happens', async (_, page, message) => {
  await commit({ 'CHANGELOG.md': page });

  const { isDone, text } = await version('minor');
  await commit({ 'CHANGELOG.md': changelog });

  expect(isDone).toBe(false);
  expect(text).toContain(message);
  expect(await git('status', '--porcelain')).toBe('');
  expect(await git('tag')).toBe('');
});

test('otherwise CHANGELOG.md, both versions, the contract, the commit and the tag are the new version', async () => {
  const before = JSON.parse(read('package.json')) as { readonly version: string };
  const [major = '', minor = ''] = before.version.split('.');
  const next = `${major}.${Number(minor) + 1}.0`;
  const announced = changelog.replace('## Unreleased\n', '## Unreleased\n\n- `GONE` is gone.\n');
  await commit({ 'CHANGELOG.md': announced });

  expect(await version('minor')).toMatchObject({ isDone: true });

  const date = new Date().toISOString().slice(0, 10);
  expect(read('CHANGELOG.md')).toContain(
    `## Unreleased\n\n## ${next} (${date})\n\n- \`GONE\` is gone.\n`,
  );
  const [own, lock] = ['package.json', 'package-lock.json'].map((file) => JSON.parse(read(file)));
  expect([own.version, lock.version, lock.packages[''].version]).toEqual([next, next, next]);
  expect(read('test/contract/contract.txt')).not.toContain('GONE');
  expect(await git('log', '-1', '--format=%s')).toBe(`Version ${next}`);
  expect(await git('tag', '--points-at', 'HEAD')).toBe(`v${next}`);
  expect(await git('status', '--porcelain')).toBe('');
  const changed = await git('diff', '--name-only', 'HEAD~1');
  expect(changed.split('\n').sort()).toEqual([
    ...['CHANGELOG.md', 'package-lock.json', 'package.json', 'test/contract/contract.txt'],
  ]);
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', 'package/version.ts', 'notes'],
    {
      cwd: folder,
      env,
    },
  );
  expect(stdout).toMatch(/^- `GONE` is gone\.\n/);
});
