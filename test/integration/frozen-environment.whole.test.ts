/** Lambda freezes an environment between requests: what happened to its connections meanwhile shows when it thaws. */
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { type RunningProxy, startProxy } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH } from '../../local/stack/seeds.ts';
import { type ClientResponse, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { plain, type RawUpstream, type Step, startRawUpstream } from '../support/raw-upstream.ts';

const timedOut =
  'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 6\r\n\r\npoison';

describe('an environment that was frozen', () => {
  let store: ParameterStore;
  let upstream: RawUpstream;
  let proxy: RunningProxy;

  const start = async (greet?: (connection: number) => readonly Step[]) => {
    upstream = await startRawUpstream(({ target }) => [plain(`answer to ${target}`)], greet);
    store = await startParameterStore();
    const plugin = { function_uri: upstream.url, authorization: { iam: {} }, timeout: 5000 };
    store.call('PutParameter', {
      Name: `${LOCAL_PARAMETER_PATH}/routes/any`,
      Value: JSON.stringify({ uri: '/*', plugins: { 'aws-lambda': plugin } }),
      Type: 'String',
    });
    proxy = await startProxy({
      parameterStoreUrl: store.url,
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });
    await eventually(() => upstream.connections() === 1);
  };

  afterEach(() => Promise.all([proxy.close(), store.close(), upstream.close()]));

  /** Freezes, lets the upstream act, hands over a request, and thaws when both are waiting. */
  const askAfterFreeze = async (
    method: string,
    meanwhile: readonly Step[],
  ): Promise<ClientResponse> => {
    const [pid = 0] = proxy.pids();
    process.kill(pid, 'SIGSTOP');
    try {
      await upstream.interject(meanwhile);
      const answer = send(proxy.url, { method, target: '/after', body: Buffer.from('x') });
      // The function URL answers these by itself; by then it has handed the first one over.
      for (let count = 0; count < 10; count += 1)
        await send(proxy.url, { method: 'TRACE', target: '/' });
      process.kill(pid, 'SIGCONT');
      return await answer;
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  };

  const meanwhile: readonly (readonly [string, readonly Step[]])[] = [
    ['was closed', ['end']],
    ['was reset', ['reset']],
    ['got a late 408 and was closed', [timedOut, 'end']],
    ['got bytes that look like an answer', [plain('poison')]],
  ];

  describe.each(meanwhile)('and whose connection %s', (_, steps) => {
    it.each(['GET', 'POST'])('serves the next %s over another one', async (method) => {
      await start();
      await send(proxy.url, { target: '/before' });

      const response = await askAfterFreeze(method, steps);

      expect([response.status, response.text()]).toEqual([200, 'answer to /after']);
    });

    it.each(['GET', 'POST'])('serves its first %s over another one', async (method) => {
      await start();

      const response = await askAfterFreeze(method, steps);

      expect([response.status, response.text()]).toEqual([200, 'answer to /after']);
    });
  });

  it('that was not frozen does not take what came before its first request for the answer', async () => {
    await start((connection) => (connection === 1 ? [timedOut, 'end'] : []));

    const response = await send(proxy.url, { target: '/first' });

    expect([response.status, response.text()]).toEqual([200, 'answer to /first']);
  });
});
