/** The workflows of .github: what runs, in which order, and with which rights. */
import { spawnSync } from 'node:child_process';
import { parse } from 'yaml';
import { read } from '../contract/sources.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const readWorkflow = (name: string) => parse(read(`.github/workflows/${name}.yml`)) as Workflow;
const release = readWorkflow('release');
const { everything, publish } = release.jobs;
const commands = (publish?.steps ?? []).map(({ run = '' }) => run);
const indexOf = (text: string) => commands.findIndex((command) => command.includes(text));

test.each(['ci', 'release'])(
  '%s gives jobs the right to read only, and each of them ends',
  (name) => {
    const { permissions, jobs } = readWorkflow(name);

    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  },
);

test.each(['ci', 'release'])('the checkouts of %s keep no token', (name) => {
  const steps = Object.values(readWorkflow(name).jobs).flatMap((job) => job.steps);
  const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));

  expect(checkouts.length).toBeGreaterThan(0);
  for (const { with: settings } of checkouts) expect(settings?.['persist-credentials']).toBe(false);
});

test('both run the same versions of the same actions, all of them GitHub’s own', () => {
  const used = (name: string) =>
    Object.values(readWorkflow(name).jobs).flatMap((job) =>
      job.steps.flatMap(({ uses = [] }) => uses),
    );

  expect([...new Set(used('release'))].sort()).toEqual([...new Set(used('ci'))].sort());
  for (const action of used('release')) expect(action).toMatch(/^actions\/[\w-]+@v\d+$/);
});

describe('what a step runs is there', () => {
  const { scripts, name } = JSON.parse(read('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
    readonly name: string;
  };
  const texts = ['ci', 'release'].flatMap((workflow) =>
    Object.values(readWorkflow(workflow).jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run = [] }) => run),
    ),
  );
  const all = [...texts, read('.ci/run')].join('\n');
  const findAll = (pattern: RegExp) => [...all.matchAll(pattern)].map(([, found = '']) => found);

  test('scripts of package.json, files of the repository, and the package itself', () => {
    const named = findAll(/npm run (?:--silent )?([\w:]+)/g);
    const files = findAll(/(?:npx tsx|bash) ([\w./]+)/g);

    expect(named).toEqual(expect.arrayContaining(['release', 'test:deploy', 'check']));
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['.ci/run', 'package/version.ts']));
    expect(files.filter((file) => read(file) === '')).toEqual([]);
    expect(findAll(/npm view "([^@"]+)@/g)).toEqual([name]);
  });

  test('every command is one that a runner of GitHub has', () => {
    const lines = texts.flatMap((text) => text.trim().split('\n'));
    const programs = lines.flatMap((line) =>
      line.split(/ \|\|? /).map((command) => command.trim().split(' ')[0] ?? ''),
    );

    expect(new Set(programs)).toEqual(
      new Set(['bash', 'node', 'test', 'npm', 'grep', 'npx', 'gh']),
    );
  });

  test.each([
    ['11.5.1', 0],
    ['12.0.0', 0],
    ['11.5.0', 1],
    ['10.9.4', 1],
  ])('npm %s is accepted or not: status %d', (version, status) => {
    const [, code = ''] = /node -e '([^']+)'/.exec(texts.join('\n')) ?? [];

    expect(spawnSync(process.execPath, ['-e', code, version]).status).toBe(status);
  });
});

describe('a release', () => {
  test('begins with a version tag alone', () => {
    expect(release.on).toEqual({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } });
  });

  test('publishes after .ci/run has passed, which has no other right than to read', () => {
    expect(everything?.steps.at(-1)?.run).toBe('bash .ci/run');
    expect(everything?.permissions).toBeUndefined();
    expect(publish?.needs).toBe('everything');
  });

  test('may write the release and prove where the package is from, and has no other right', () => {
    expect(publish?.permissions).toEqual({ contents: 'write', 'id-token': 'write' });
    expect(read('.github/workflows/release.yml')).not.toContain('secrets.');
  });

  test('installs from the lock file, without a cache that other runs may write', () => {
    const setup = publish?.steps.find(({ uses = '' }) => uses.startsWith('actions/setup-node@'));

    expect(commands).toContain('npm ci');
    // Without this setting the action may decide for a cache by package.json.
    expect(setup?.with).toEqual({ 'node-version': 24, 'package-manager-cache': false });
  });

  test('compares the tag, names the repository, makes the files, publishes with provenance, and then attaches the files', () => {
    const order = [
      ...['npm --version', 'GITHUB_REF_NAME" = "v', 'npm ci', 'npm pkg set repository.type=git'],
      ...['npm run release', 'npm publish --provenance', 'gh release create'],
    ].map(indexOf);

    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});
