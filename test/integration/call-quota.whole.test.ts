/** A Parameter Store with AWS's kind of quota: all environments load, since none begins its reading anew. */
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { type RunningProxy, startProxy } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import { startArtefact } from '../support/artefact.ts';
import { createCallQuota } from '../support/call-quota.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const environments = 3;
const routes = 200;
const pages = routes / 10;

describe('environments that start at once, with a tree of more pages than the quota has calls', () => {
  const quota = createCallQuota({ callsPerSecond: 20, burst: 8 });
  let store: ParameterStore;
  let upstream: Upstream;
  let proxies: RunningProxy[];

  beforeAll(async () => {
    upstream = await startUpstream();
    store = await startParameterStore({ intercept: quota.intercept });
    for (let index = 0; index < routes; index += 1) {
      const plugins = { 'aws-lambda': { function_uri: upstream.url } };
      store.call('PutParameter', {
        Name: `${root}/routes/r${index}`,
        Value: JSON.stringify({ uri: `/r${index}`, plugins }),
        Type: 'String',
      });
    }
    const start = () =>
      startProxy({
        parameterStoreUrl: store.url,
        env: { COUNTERSIGN_REFRESH_SECONDS: '3600' },
        maxEnvironments: 1,
      });
    proxies = await Promise.all(Array.from({ length: environments }, start));
  });

  afterAll(() =>
    Promise.all([...proxies.map((proxy) => proxy.close()), store.close(), upstream.close()]),
  );

  it('all load, each page once', async () => {
    for (const { url } of proxies) {
      await eventually(async () => (await send(url, { target: '/r199' })).status === 200);
    }

    expect(quota.throttled()).toBeGreaterThan(0);
    expect(quota.answered()).toBe(environments * pages);
  });
});

describe('an environment that has a table', () => {
  it('reads a tree of several pages at two calls a second, however short its interval, and says so once', async () => {
    const upstream = await startUpstream();
    const pagesAtMs: number[] = [];
    const artefact = await startArtefact({
      reloads: true,
      routes: Object.fromEntries(
        Array.from({ length: 30 }, (_, index) => [
          `r${index}`,
          { uri: `/r${index}`, plugins: { 'aws-lambda': { function_uri: upstream.url } } },
        ]),
      ),
      store: {
        intercept: (operation) => {
          if (operation === 'GetParametersByPath') pagesAtMs.push(performance.now());
          return undefined;
        },
      },
    });

    expect((await send(artefact.url, { target: '/r29' })).status).toBe(200);
    await artefact.logged({ event: 'refresh-stretched', pages: 3 });
    await eventually(() => pagesAtMs.length >= 10);

    // Three pages without a table; then a pause of half a second before each page but the first of a reading.
    const gapsMs = pagesAtMs.slice(3).map((atMs, index) => atMs - (pagesAtMs[index + 2] ?? 0));
    for (const gapMs of gapsMs.filter((_, index) => index % 3 > 0)) {
      expect(gapMs).toBeGreaterThanOrEqual(495);
    }
    const lines = artefact.lines().filter(({ event }) => event === 'refresh-stretched');
    expect(lines).toHaveLength(1);
    await Promise.all([artefact.close(), upstream.close()]);
  }, 60_000);
});
