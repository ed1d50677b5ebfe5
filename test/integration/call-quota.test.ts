/** A Parameter Store with AWS's kind of quota: all environments load, since none begins its reading anew. */
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { type RunningProxy, startProxy } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
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
