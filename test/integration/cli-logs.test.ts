/** `logs` against CloudWatch Logs' own protocol, in pages, with lines as the proxy writes them. */
import { countersign, startCountersign } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeLogs, startFakeLogs } from '../support/fake-logs.ts';

const group = '/aws/lambda/proxy';
let logs: FakeLogs;

beforeEach(async () => {
  logs = await startFakeLogs(group);
});

afterEach(() => logs.close());

/** Only the log is asked. */
const store = 'http://127.0.0.1:9';
const envOf = () => ({
  AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url,
  COUNTERSIGN_LOG_GROUP: group,
});
const run = (...args: string[]) =>
  countersign(store, ['logs', '--no-follow', ...args], { env: envOf() });

const time = Date.parse('2026-11-21T10:00:00.000Z');
const toLine = (fields: Record<string, unknown>) =>
  JSON.stringify({
    ...{ time: new Date(time).toISOString(), level: 'info', message: 'request', type: 'access' },
    ...{ method: 'GET', path: '/hello', route: 'hello', status: 200, totalMs: 12.3, ...fields },
  });

/** Ago, so that the default of ten minutes takes it in. */
const ago = (seconds: number) => Date.now() - seconds * 1000;

it('prints access lines for people, oldest first, from every page, and nothing else', async () => {
  logs.write(ago(50), toLine({ path: '/1' }));
  logs.write(ago(20), toLine({ path: '/4', status: 504, error: 'UPSTREAM_TIMEOUT' }));
  logs.write(ago(40), toLine({ path: '/2' }));
  logs.write(ago(35), '{"level":"info","message":"routes in force","event":"table"}');
  logs.write(ago(33), 'START RequestId: 1');
  logs.write(ago(30), toLine({ path: '/3' }));
  const { status, stdout, stderr } = await run();

  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.replace(/^\d\d:\d\d:\d\d/gm, 'TIME')).toBe(
    [
      'TIME GET /1 200 12.3 ms route=hello',
      'TIME GET /2 200 12.3 ms route=hello',
      'TIME GET /3 200 12.3 ms route=hello',
      'TIME GET /4 504 12.3 ms route=hello error=UPSTREAM_TIMEOUT',
      '',
    ].join('\n'),
  );
});

it.each([[[]], [['--json']]])('lets no client steer the terminal (%j)', async (flags) => {
  logs.write(ago(5), toLine({ path: '/\u001b[2J\u009b31m\n12:00:00 GET /forged 200' }));
  const { stdout } = await run(...flags);

  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

it('prints the very lines with --json', async () => {
  const line = toLine({ requestId: 'r-1' });
  logs.write(ago(5), line);

  expect((await run('--json')).stdout).toBe(`${line}\n`);
});

it.each([
  [['--route', 'b'], ['/b']],
  [['--status', '404'], ['/404']],
  [
    ['--status', '5xx'],
    ['/500', '/b'],
  ],
  [['--error', 'NO_ROUTE'], ['/404']],
  [
    ['--error', '*'],
    ['/404', '/b'],
  ],
  [['--error', '*', '--status', '5xx'], ['/b']],
  [['--since', '30s'], ['/b']],
])('%j prints %j', async (options, paths) => {
  logs.write(ago(120), toLine({ path: '/200' }));
  logs.write(ago(110), toLine({ path: '/404', status: 404, error: 'NO_ROUTE' }));
  logs.write(ago(100), toLine({ path: '/500', status: 500 }));
  logs.write(ago(10), toLine({ path: '/b', route: 'b', status: 502, error: 'UPSTREAM_CUT' }));
  const { stdout } = await run(...options);

  expect([...stdout.matchAll(/GET (\S+)/g)].map(([, path]) => path)).toEqual(paths);
});

it('follows: what arrives late or meanwhile is printed once, until Ctrl-C', async () => {
  logs.write(ago(30), toLine({ path: '/1' }));
  const running = startCountersign(store, ['logs'], { env: envOf() });
  await eventually(() => running.stdout().includes('/1'));
  logs.write(ago(1), toLine({ path: '/3' }));
  logs.write(ago(40), toLine({ path: '/2' }));
  await eventually(() => running.stdout().includes('/3'));
  running.interrupt();
  const { status, stdout, stderr } = await running.ended;

  expect([status, stderr]).toEqual([130, '']);
  expect([...stdout.matchAll(/GET (\S+)/g)].map(([, path]) => path)).toEqual(['/1', '/2', '/3']);
});

it('ends at Ctrl-C while it waits for an answer', async () => {
  const running = startCountersign(store, ['logs', '--log-group', group], { env: envOf() });
  await eventually(() => logs.calls.length > 0);
  running.interrupt();

  expect(await running.ended).toEqual({ status: 130, stdout: '', stderr: '' });
});

describe('what cannot be followed is said in a sentence', () => {
  it('a group that there is not', async () => {
    const { status, stderr } = await run('--log-group', '/aws/lambda/other');

    expect(status).toBe(6);
    expect(stderr).toContain('There is no log group /aws/lambda/other');
  });

  it('no group', async () => {
    const { COUNTERSIGN_LOG_GROUP: _, ...env } = envOf();
    const path = ['--path', '/countersign/prod', '--region', 'eu-west-1'];
    const { status, stderr } = await countersign('', ['logs', ...path], { env });

    expect(status).toBe(2);
    expect(stderr).toContain('Give --log-group, or set COUNTERSIGN_LOG_GROUP');
  });

  it('a filter that no line can pass', async () => {
    expect(await run('--status', '700')).toMatchObject({ status: 2 });
    expect(logs.calls).toEqual([]);
  });
});
