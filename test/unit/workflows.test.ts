/** The workflows of .github: what runs, in which order, and with which rights. */
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

describe('a release', () => {
  test('begins with a version tag alone', () => {
    expect(release.on).toEqual({ push: { tags: ['v*'] } });
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
    expect(commands).toContain('npm ci');
    for (const { with: settings } of publish?.steps ?? [])
      expect(settings?.['cache']).toBeUndefined();
  });

  test('compares the tag, names the repository, makes the files, publishes with provenance, and then attaches the files', () => {
    const order = [
      ...['GITHUB_REF_NAME" = "v', 'npm ci', 'npm pkg set repository.type=git'],
      ...['npm run release', 'npm publish --provenance', 'gh release create'],
    ].map(indexOf);

    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});
