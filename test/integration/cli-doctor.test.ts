/** `doctor` against a running proxy, its store, upstreams and IAM: each fault on its own line, with what to do. */
import type { Finding } from '../../cli/doctor/finding.ts';
import { type Artefact, type ArtefactOptions, startArtefact } from '../support/artefact.ts';
import { countersign, jsonOf } from '../support/cli.ts';
import { createVerifier, startUpstream, type UpstreamOptions } from '../support/upstream.ts';

const toRoute = (url: string, parts: object = {}, iam: object | null = {}) => ({
  uri: '/signed/*',
  plugins: {
    'aws-lambda': { function_uri: `${url}/base`, authorization: iam === null ? {} : { iam } },
  },
  ...parts,
});

const startSigned = (options: UpstreamOptions = {}) =>
  startUpstream({ verifier: createVerifier('execute-api'), ...options });

async function doctor(artefact: Artefact, args: readonly string[] = [], env = {}) {
  const all = ['doctor', '--url', artefact.url, '--json', ...args];
  const run = await countersign(artefact.store.url, all, { env });
  const { isHealthy, findings } = jsonOf<{ isHealthy: boolean; findings: Finding[] }>(run);
  const of = (check: Finding['check']) => findings.filter((finding) => finding.check === check);
  return { ...run, isHealthy, findings, of };
}

async function startWith(
  route: (url: string) => Readonly<Record<string, unknown>>,
  { upstream: upstreamOptions, ...options }: ArtefactOptions & { upstream?: UpstreamOptions } = {},
) {
  const upstream = await startSigned(upstreamOptions);
  const proxy = await startArtefact({ reloads: true, ...options, routes: route(upstream.url) });
  return { upstream, proxy };
}

it('says ok to everything that is, and ends with status 0', async () => {
  const { upstream, proxy } = await startWith((url) => ({ signed: toRoute(url) }), {
    env: { COUNTERSIGN_DEBUG_HEADERS: '1' },
  });
  const { status, isHealthy, findings } = await doctor(proxy);

  expect([status, isHealthy]).toEqual([0, true]);
  expect(findings.map(({ check, status: state }) => [check, state])).toEqual([
    ['parameters', 'ok'],
    ['endpoint', 'ok'],
    ['table', 'ok'],
    ['role', 'skipped'],
    ['upstream', 'ok'],
    ['clock', 'ok'],
  ]);
  expect(findings[2]?.text).toMatch(/^[0-9a-f]{12} is loaded, the same as in Parameter Store$/);
  const { method, target, verification } = upstream.only();
  expect([method, target, verification?.ok]).toEqual(['HEAD', '/base', true]);
});

it('prints a line for each, below it what to do, and a count at the end', async () => {
  const { proxy } = await startWith((url) => ({ signed: toRoute(url) }));
  const { stdout } = await countersign(proxy.store.url, ['doctor', '--no-probe']);

  expect(stdout).toContain('ok       parameters  1 route in force below /countersign/local');
  expect(stdout).toContain(
    'skipped  endpoint    no URL is named\n                     → Give --url: the output Url of the deployment.',
  );
  expect(stdout).toMatch(/\n\n5 checks: 1 ok, 4 skipped\n$/);
});

describe('parameters', () => {
  it('that are invalid are named with place, finding, and the way back', async () => {
    const { proxy } = await startWith((url) => ({ signed: toRoute(url) }));
    proxy.putText('routes/signed', '{"uri": "/signed/*", "plugins": {"nope": {}}}');
    const { status, of } = await doctor(proxy);

    expect(status).toBe(1);
    expect(of('parameters')[1]).toMatchObject({
      status: 'failed',
      text: expect.stringMatching(
        /routes\/signed: version 2 is invalid; version 1 stays in force: at \/plugins\/nope: found an unknown plugin/,
      ),
      todo: 'Correct it: npx countersign routes edit signed, or roll back: npx countersign routes rollback signed --to 1',
    });
  });

  it('that cannot be read leave the rest to be looked at', async () => {
    const { proxy } = await startWith((url) => ({ signed: toRoute(url) }));
    const run = await countersign('http://127.0.0.1:9', ['doctor', '--url', proxy.url]);

    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/failed {3}parameters {2}not readable: .*127\.0\.0\.1:9/);
    expect(run.stdout).toMatch(/ok {7}endpoint/);
  });
});

describe('the URL', () => {
  it('where nothing listens', async () => {
    const { proxy } = await startWith((url) => ({ signed: toRoute(url) }));
    await proxy.close();
    const run = await countersign('http://127.0.0.1:9', ['doctor', '--url', proxy.url]);

    expect(run.stdout).toMatch(/failed {3}endpoint {4}127\.0\.0\.1:\d+ cannot be reached/);
  });

  it.each([
    [403, 'the public needs two statements'],
    [429, 'throttled'],
    [502, 'The function crashes'],
    [200, 'The server at this URL is not Countersign'],
  ])('that answers %d by something else', async (status, todo) => {
    const upstream = await startUpstream({
      answer: (_, response) => void response.writeHead(status).end(),
    });
    const run = await countersign('http://127.0.0.1:9', ['doctor', '--url', upstream.url]);

    expect(run.stdout).toContain(`failed   endpoint    ${upstream.url} answers ${status}\n`);
    expect(run.stdout).toContain(todo);
  });

  it('of a proxy that cannot read its routes', async () => {
    const { proxy } = await startWith((url) => ({ signed: toRoute(url) }), {
      store: { intercept: () => ({ type: 'AccessDeniedException', status: 400 }) },
    });
    const { of } = await doctor(proxy, ['--no-probe']);

    expect(of('table')).toMatchObject([
      { status: 'failed', text: 'HEAD /countersign-doctor answers 503 ROUTES_UNAVAILABLE' },
    ]);
  });
});

describe('the table', () => {
  it('that is older than Parameter Store’s', async () => {
    const env = { COUNTERSIGN_DEBUG_HEADERS: '1', COUNTERSIGN_REFRESH_SECONDS: '3600' };
    const { proxy } = await startWith((url) => ({ signed: toRoute(url) }), { env });
    proxy.putRoute('other', { uri: '/other' });
    const { of } = await doctor(proxy, ['--no-probe']);

    expect(of('table')).toMatchObject([
      { status: 'warning', text: expect.stringMatching(/is loaded, and Parameter Store has/) },
    ]);
  });

  it('is not asked for through a route that takes everything: no upstream hears of it', async () => {
    const { upstream, proxy } = await startWith((url) => ({ all: toRoute(url, { uri: '/*' }) }));
    const { of } = await doctor(proxy, ['--no-probe']);

    expect(of('endpoint')).toMatchObject([{ status: 'ok' }]);
    expect(of('table')).toMatchObject([{ status: 'skipped' }]);
    expect(upstream.received).toEqual([]);
  });
});

describe('an upstream', () => {
  it.each<[string, object | null, UpstreamOptions, Finding['status'], RegExp]>([
    [
      'that wants another service',
      { service: 'lambda' },
      {},
      'failed',
      /answers 403 InvalidSignatureException, signed for region us-east-1 and service lambda/,
    ],
    [
      'that refuses you',
      {},
      { verifier: createVerifier('execute-api', () => 'not authorized') },
      'warning',
      /answers 403 AccessDeniedException: it answers, and refuses your credentials/,
    ],
    ['that wants a signature, on a route without', null, {}, 'warning', /answers 403 without/],
    [
      'that answers by its own errors',
      {},
      { answer: (_, response) => void response.writeHead(500).end() },
      'ok',
      /answers 500: its own answer to HEAD at this path$/,
    ],
  ])('%s', async (_, iam, upstream, status, text) => {
    const { proxy } = await startWith((url) => ({ signed: toRoute(url, {}, iam) }), { upstream });
    const { of } = await doctor(proxy);

    expect(of('upstream')).toMatchObject([{ status, text: expect.stringMatching(text) }]);
  });

  it('that is not there', async () => {
    const { proxy, upstream } = await startWith((url) => ({ signed: toRoute(url) }));
    await upstream.close();
    const { status, of } = await doctor(proxy);

    expect(status).toBe(1);
    expect(of('upstream')).toMatchObject([
      { status: 'failed', text: expect.stringContaining('cannot be reached') },
    ]);
  });

  it('is asked once, for however many routes', async () => {
    const { upstream, proxy } = await startWith((url) => ({
      a: toRoute(url, { uri: '/a' }),
      b: toRoute(url, { uri: '/b' }),
    }));
    await doctor(proxy);

    expect(upstream.received).toHaveLength(1);
  });
});

it('holds the clock against what servers say', async () => {
  const toDate = () => new Date(Date.now() - 600_000).toUTCString();
  const upstream = await startUpstream({
    answer: (_, response) => void response.writeHead(200, { date: toDate() }).end(),
  });
  const proxy = await startArtefact({ routes: { signed: toRoute(upstream.url) } });
  const { of } = await doctor(proxy);

  expect(of('clock')).toMatchObject([
    { status: 'failed', text: expect.stringMatching(/^(599|6\d\d) s off the clock of 127/) },
  ]);
});

it('prints no secret for any failure', async () => {
  const { proxy } = await startWith((url) => ({ signed: toRoute(url) }), {
    secrets: { key: 's3cr3t-of-the-upstream' },
  });
  const apikey = '$secret://ssm/key';
  proxy.putRoute('signed', {
    uri: '/signed/*',
    plugins: {
      'aws-lambda': { function_uri: 'https://s3cr3t@example.com/', authorization: { apikey } },
    },
  });
  const { stdout, stderr } = await doctor(proxy);

  expect(stdout).toContain('is invalid');
  expect(stdout + stderr).not.toContain('s3cr3t');
});
