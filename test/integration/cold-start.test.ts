/** What the start of an environment waits for, and what it does not wait for. */
import { startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { startRawUpstream } from '../support/raw-upstream.ts';
import { startUpstream } from '../support/upstream.ts';

describe('a cold start', () => {
  it('is not delayed by an upstream that does not answer, nor is the request to another', async () => {
    const silent = await startRawUpstream(() => []);
    const upstream = await startUpstream();
    const plugins = (function_uri: string, timeout = 3000) => ({
      'aws-lambda': { function_uri, timeout },
    });
    const startedAt = performance.now();
    const artefact = await startArtefact({
      routes: {
        dead: { uri: '/dead', plugins: plugins('http://127.0.0.1:1/') },
        silent: { uri: '/silent', plugins: plugins(silent.url.replace('http:', 'https:'), 60_000) },
        well: { uri: '/well', plugins: plugins(upstream.url) },
      },
    });

    const response = await send(artefact.url, { target: '/well' });

    expect(response.status).toBe(200);
    // The timeout of the silent one is a minute.
    expect(performance.now() - startedAt).toBeLessThan(45_000);
    await Promise.all([artefact.close(), upstream.close(), silent.close()]);
  });

  it('that is throttled tries again at once, and serves its first request', async () => {
    let calls = 0;
    const upstream = await startUpstream();
    const artefact = await startArtefact({
      routes: { any: { uri: '/*', plugins: { 'aws-lambda': { function_uri: upstream.url } } } },
      store: {
        intercept: () => {
          calls += 1;
          return calls < 3 ? { type: 'ThrottlingException', message: 'Rate exceeded' } : undefined;
        },
      },
    });

    expect((await send(artefact.url, { target: '/' })).status).toBe(200);
    expect(calls).toBeGreaterThanOrEqual(3);
    await Promise.all([artefact.close(), upstream.close()]);
  });
});
