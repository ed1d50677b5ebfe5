/** What a plan says before it is written: where, what, and how much of it. */
import { join } from 'node:path';
import { LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { countersign, jsonOf, spawnCountersign } from '../support/cli.ts';
import { acme, type CliStore, orders, startCliStore } from '../support/cli-store.ts';
import { account, startFakeIam } from '../support/fake-iam.ts';
import { wholeTest } from '../support/sample.ts';
import { startSts } from '../support/sts-stub.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const file = (route: object = orders(5000)) =>
  join(store.folder({ 'orders.json': route }), 'orders.json');

describe('the head of a plan', () => {
  it('names the local stack, its Region and the path', async () => {
    const { stdout } = await countersign(store.url, ['routes', 'put', file()]);

    expect(stdout).toMatch(/^Local stack, us-east-1, \/countersign\/local\n\n\+ routes\/orders\n/);
  });

  it('names the path that --path gives', async () => {
    const args = ['routes', 'put', file(), '--path', '/countersign/other', '--yes'];
    const { stdout } = await countersign(store.url, args);

    expect(stdout).toMatch(/^Local stack, us-east-1, \/countersign\/other\n/);
  });

  /** An address of this machine that does not count as the local stack. */
  const remote = () => store.url.replace('127.0.0.1', '0.0.0.0');
  const toEnv = (stsUrl: string) => ({
    AWS_ENDPOINT_URL_SSM: remote(),
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: LOCAL_CREDENTIALS.sessionToken,
    AWS_ENDPOINT_URL_STS: stsUrl,
    COUNTERSIGN_PARAMETER_PATH: '/countersign/prod',
  });

  wholeTest('names the account, Region and path of AWS, also as JSON', async () => {
    const iam = await startFakeIam({ roles: {} });
    const env = { ...toEnv(iam.url), AWS_REGION: 'us-east-1' };
    const args = ['routes', 'put', file(), '--yes'];
    const { stdout } = await spawnCountersign(args, { env });
    const json = await spawnCountersign([...args, '--json'], { env });
    await iam.close();

    expect(stdout).toMatch(new RegExp(`^Account ${account}, us-east-1, /countersign/prod\n`));
    expect(jsonOf(json)).toMatchObject({
      place: { account, region: 'us-east-1', path: '/countersign/prod' },
    });
  });

  wholeTest('does without the account where STS does not answer', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = LOCAL_CREDENTIALS;
    const keys = { accessKeyId, secretAccessKey, sessionToken };
    const sts = await startSts({ keys, answer: () => 'hang' });
    const env = toEnv(sts.url);
    const args = ['routes', 'put', file(), '--yes'];
    const { status, stdout } = await spawnCountersign(args, { env });
    await sts.close();

    expect(status).toBe(0);
    expect(stdout).toMatch(/^Region eu-west-1, \/countersign\/prod\n/);
  });
});

describe('a path below which nothing exists', () => {
  const put = (...args: string[]) => [
    ...['routes', 'put', file(), '--path', '/countersign/prdo'],
    ...args,
  ];
  const question =
    'Nothing exists below /countersign/prdo (local stack, us-east-1) yet. Write there?';

  it('is asked about before the first write', async () => {
    const no = await countersign(store.url, put(), { answers: [false] });
    const written = store.calls('PutParameter');
    const yes = await countersign(store.url, put(), { answers: [true] });
    const again = await countersign(store.url, put(), { answers: [] });

    expect(no.stderr).toContain(question);
    expect([no.status, written, yes.status, again.status]).toEqual([7, 0, 0, 0]);
  });

  it('is refused without a terminal, and accepted with --yes', async () => {
    const refused = await countersign(store.url, put());
    const written = store.calls('PutParameter');
    const accepted = await countersign(store.url, put('--yes'));

    expect(refused.stderr).toContain(
      `Error: ${question} There is no terminal to answer on; nothing was written.\nGive --yes`,
    );
    expect([refused.status, written, accepted.status]).toEqual([7, 0, 0]);
    expect(accepted.stderr).toContain(
      'Warning: nothing exists below /countersign/prdo (local stack, us-east-1) yet',
    );
  });

  it('is not asked about in a dry run, or if something else exists below it', async () => {
    const dry = await countersign(store.url, put('--dry-run'));
    await countersign(store.url, ['secrets', 'set', 'x', '--path', '/countersign/prdo', '--yes'], {
      stdin: 'value',
    });
    const second = await countersign(store.url, put());

    expect([dry.status, second.status]).toEqual([0, 0]);
  });

  it('is asked about for a secret and for an edited document as well', async () => {
    const path = ['--path', '/countersign/prdo'];
    const secret = await countersign(store.url, ['secrets', 'set', 'x', ...path], { stdin: 'v' });
    const edited = await countersign(store.url, ['routes', 'edit', 'x', ...path], {
      env: { EDITOR: 'sed -i.bak s/YOUR-FUNCTION/abcdefghij/' },
    });

    expect([secret.status, edited.status, store.calls('PutParameter')]).toEqual([7, 7, 0]);
    expect(secret.stderr).toContain(question);
    expect(edited.stderr).toContain(question);
  });
});

describe('the question of a removal', () => {
  it('names what and where', async () => {
    store.put('routes/orders', orders(5000));
    store.put('secrets/x', 'v', 'SecureString');
    const route = await countersign(store.url, ['routes', 'remove', 'orders'], {
      answers: [false],
    });
    const secret = await countersign(store.url, ['secrets', 'remove', 'x'], { answers: [false] });

    expect(route.stderr).toContain(
      'Remove routes/orders from /countersign/local (local stack, us-east-1)?',
    );
    expect(secret.stderr).toContain(
      'Remove /countersign/local/secrets/x (local stack, us-east-1) for good?',
    );
  });

  it('of several, beside what is written, names the first ones and counts the rest', async () => {
    for (let n = 1; n <= 7; n += 1) store.put(`routes/r${n}`, orders(n * 1000));
    const folder = store.folder({ 'r1.json': orders(9000) });
    const args = ['routes', 'put', folder, '--prune'];
    const { stderr } = await countersign(store.url, args, { answers: [false] });

    expect(stderr).toContain(
      'Write this to /countersign/local (local stack, us-east-1), and remove routes/r2, routes/r3, routes/r4, routes/r5, routes/r6 and 1 more there?',
    );
  });
});

describe('a plan of many new documents', () => {
  const documents = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        `svc${n}.json`,
        { ...orders(5000), uri: `/svc${n}`, methods: ['GET'] },
      ]),
    );
  const put = (count: number, ...args: string[]) =>
    countersign(store.url, ['routes', 'put', store.folder(documents(count)), '--yes', ...args]);
  const linesOf = ({ stdout }: { stdout: string }) => stdout.trimEnd().split('\n');

  it('has one line for each, before and after it is written', async () => {
    const run = await put(150);

    expect(run.stdout).toContain('+ routes/svc7  GET /svc7\n');
    expect(run.stdout).toContain('Wrote routes/svc7, version 1.\n');
    expect(run.stdout).toContain('Plan: 150 to add, 0 to change, 0 to remove.');
    expect(linesOf(run).length).toBeLessThan(320);
  });

  it('has one line for each that is removed', async () => {
    for (let n = 0; n < 20; n += 1) store.put(`routes/old${n}`, orders(5000));
    const { stdout } = await put(1, '--prune', '--dry-run');

    expect(stdout).toMatch(/(?:^- routes\/old\d+ {2}\(version 1\)\n){20}\nPlan: 1 to add/m);
  });

  it('shows the texts with -v, and those of a few documents without it', async () => {
    const verbose = await put(8, '-v', '--dry-run');
    const few = await put(3, '--dry-run');

    expect(verbose.stdout.match(/"methods"/g)).toHaveLength(8);
    expect(few.stdout.match(/"methods"/g)).toHaveLength(3);
  });

  it('shows each change of a stored document in full', async () => {
    store.put('routes/svc1', { ...orders(7000), uri: '/svc1', methods: ['GET'] });
    const { stdout } = await put(8, '--dry-run');

    expect(stdout).toMatch(/^ +- +"timeout": 7000$/m);
  });

  it('says nothing of the keys of consumers', async () => {
    const consumers = Object.fromEntries(
      Array.from({ length: 8 }, (_, n) => [`c${n}.json`, acme(`open-sesame-${n}`)]),
    );
    const args = ['consumers', 'put', store.folder(consumers), '--dry-run'];
    const { stdout } = await countersign(store.url, args);

    expect(stdout).toContain('+ consumers/c3\n');
    expect(stdout).not.toContain('open-sesame');
  });
});
