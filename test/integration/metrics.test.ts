/** Metrics as CloudWatch would read them from the log of the built artefact. */
import { type Artefact, type ArtefactOptions, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { type MetricDatum, readMetrics } from '../support/emf.ts';
import { eventually } from '../support/eventually.ts';
import { openForFile } from '../support/open-resources.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const proxy = '/countersign/local';

let upstream: Upstream;
let artefact: Artefact;

const route = (uri: string, url = upstream.url) => ({
  uri,
  plugins: { 'aws-lambda': { function_uri: url } },
});

/** Of all tests that ask for no options. */
let shared: Promise<Artefact> | undefined;

async function start(options?: ArtefactOptions): Promise<void> {
  const open = () =>
    startArtefact({
      routes: { orders: route('/orders/*'), dead: route('/dead', 'http://127.0.0.1:9/') },
      ...options,
      env: { COUNTERSIGN_METRICS: 'routes', ...options?.env },
    });
  if (options) {
    artefact = await open();
  } else {
    shared ??= openForFile(open);
    artefact = await shared;
  }
}

/** All that one request came to, once its line is written. */
async function measure(target: string): Promise<Record<string, MetricDatum[]>> {
  const before = artefact.lines().length;
  await send(artefact.url, { target }).catch(() => undefined);
  const line = await eventually(() =>
    artefact
      .lines()
      .slice(before)
      .find(({ message, type }) => type === 'access' || message === 'metrics'),
  );
  const metrics: Record<string, MetricDatum[]> = {};
  for (const datum of readMetrics(line)) {
    metrics[datum.name] = [...(metrics[datum.name] ?? []), datum];
  }
  return metrics;
}

const dimensionsOf = (data: MetricDatum[] = []) => data.map(({ dimensions }) => dimensions);

beforeAll(async () => {
  upstream = await startUpstream({
    answer: ({ target }, response) => {
      if (target.includes('slow')) setTimeout(() => response.end('late'), 120);
      else if (target.includes('cut')) {
        response.writeHead(200, { 'content-length': 200_000 });
        response.write(Buffer.alloc(70_000), () => response.destroy());
      } else response.writeHead(target.includes('500') ? 500 : 200).end('ok');
    },
  });
});

afterAll(() => upstream.close());

test('upstreamMs is the wait for the upstream, and addedMs the rest of the time', async () => {
  await start();
  const metrics = await measure('/orders/slow');

  const of = (name: string) => metrics[name]?.[0]?.value ?? Number.NaN;
  expect(of('upstreamMs')).toBeGreaterThanOrEqual(119);
  expect(of('ttfbMs')).toBeGreaterThanOrEqual(of('upstreamMs'));
  expect(of('addedMs')).toBeCloseTo(of('ttfbMs') - of('upstreamMs'), 0);
  expect(dimensionsOf(metrics['ttfbMs'])).toEqual([{ proxy }, { proxy, route: 'orders' }]);
  expect(of('responseBytes')).toBe(4);
});

test('dimensions are names that the operator chose, for any request', async () => {
  await start();
  const seen: MetricDatum[] = [];
  for (const target of [
    '/',
    '/a',
    '/b?x=1',
    '/orders/1',
    '/orders/%2e%2e/x',
    '/dead',
    '/%C3%BCnknown',
  ]) {
    seen.push(...Object.values(await measure(target)).flat());
  }
  const values = (name: string) =>
    [...new Set(dimensionsOf(seen).map(({ [name]: value }) => value))].sort();
  expect(values('route')).toEqual(['dead', 'orders', undefined]);
  expect(values('error')).toEqual(['NO_ROUTE', 'UNSAFE_PATH', 'UPSTREAM_UNREACHABLE', undefined]);
});

test.each([
  ['/orders/500', 'serverErrors', undefined],
  ['/orders/cut', 'serverErrors', 'UPSTREAM_CUT'],
  ['/dead', 'serverErrors', 'UPSTREAM_UNREACHABLE'],
  ['/none', 'clientErrors', 'NO_ROUTE'],
])('%s counts as %s with the code %s', async (target, name, code) => {
  await start();
  const metrics = await measure(target);
  expect(metrics[name]?.[0]).toMatchObject({ value: 1, dimensions: { proxy } });
  expect(metrics['errors']?.[0]?.dimensions['error']).toBe(code);
});

test('a failed try is time of the upstream too', async () => {
  await start({
    routes: {
      silent: {
        ...route('/silent'),
        plugins: { 'aws-lambda': { function_uri: `${upstream.url}/slow`, timeout: 100 } },
      },
    },
  });
  const metrics = await measure('/silent');
  expect(metrics['upstreamMs']?.[0]?.value).toBeGreaterThanOrEqual(95);
  expect(metrics['errors']?.[0]?.dimensions).toEqual({ proxy, error: 'UPSTREAM_TIMEOUT' });
});

test('the first request of an environment is its cold start', async () => {
  await start({ maxEnvironments: 1 });
  expect((await measure('/orders/1'))['coldStarts']).toHaveLength(1);
  expect((await measure('/orders/1'))['coldStarts']).toBeUndefined();
});

test('the table grows old while Parameter Store cannot be read, and young again', async () => {
  let isDown = false;
  await start({
    ...{ reloads: true, maxEnvironments: 1 },
    store: { intercept: () => (isDown ? 'hang-up' : undefined) },
  });
  const age = async () => (await measure('/orders/1'))['tableAgeSeconds']?.[0]?.value ?? Number.NaN;

  isDown = true;
  await eventually(async () => (await age()) > 1.5);
  isDown = false;

  await eventually(async () => (await age()) < 1);
});

test('a document that is not in force is counted as long as it is not, by the proxy and by its parameter', async () => {
  await start({ reloads: true, maxEnvironments: 1 });
  const count = async () => (await measure('/orders/1'))['invalidDocuments']?.[0]?.value;
  expect(await count()).toBe(0);

  artefact.putText('routes/orders', '{ broken');
  await eventually(async () => (await count()) === 1);
  artefact.putRoute('orders', route('/orders/*'));
  await eventually(async () => (await count()) === 0);

  const line = await artefact.logged({ event: 'invalid-document' });
  expect(readMetrics(line)).toEqual([
    expect.objectContaining({
      name: 'invalidDocuments',
      value: 1,
      dimensions: { proxy, parameter: `${proxy}/routes/orders` },
    }),
  ]);
});

test('a log level without access lines leaves the metrics', async () => {
  await start({ env: { COUNTERSIGN_LOG_LEVEL: 'error' } });
  expect(dimensionsOf((await measure('/orders/1'))['ttfbMs'])).toHaveLength(2);
  expect(artefact.text()).not.toContain('/orders/1');
});

test('the artefact alone makes no metrics of requests', async () => {
  await start({ env: { COUNTERSIGN_METRICS: '' } });
  expect(await measure('/orders/1')).toEqual({});
});
