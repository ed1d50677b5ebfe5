/** Kept connections: when one is used again, when it is not, and what happens when it dies under a request. */

import { createPools } from '../../functions/proxy/send/connections.ts';
import { parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import { sendRequest } from '../../functions/proxy/send/send.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import {
  plain,
  type RawRequest,
  type RawUpstream,
  type Step,
  startRawUpstream,
} from '../support/raw-upstream.ts';
import { sample } from '../support/sample.ts';

describe('a kept connection', () => {
  let upstream: RawUpstream;
  let artefact: Artefact;
  let play: (request: RawRequest) => readonly Step[];

  const start = async (attributes: object = {}) => {
    const plugin = {
      function_uri: upstream.url,
      authorization: { iam: {} },
      timeout: 10_000,
      ...attributes,
    };
    artefact = await startArtefact({
      routes: { any: { uri: '/*', plugins: { 'aws-lambda': plugin } } },
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });
  };
  const get = (target: string) => send(artefact.url, { target });
  const used = () => upstream.requests.map(({ connection }) => connection);

  beforeEach(async () => {
    play = () => [plain('ok')];
    upstream = await startRawUpstream((request) => play(request));
  });

  afterEach(() => Promise.all([artefact.close(), upstream.close()]));

  it('was opened ahead, and serves the first request and the next ones', async () => {
    await start();
    await eventually(() => upstream.connections() === 1);

    await get('/1');
    await get('/2');
    await get('/3');

    expect(used()).toEqual([1, 1, 1]);
    expect(upstream.connections()).toBe(1);
    expect(upstream.requests[0]?.headers['connection']).toBe('keep-alive');
  });

  it('gathers no listeners over its requests', async () => {
    await start();

    for (let turn = 1; turn <= 15; turn += 1) await get(`/${turn}`);

    expect(new Set(used())).toEqual(new Set([1]));
    expect(artefact.text()).not.toContain('MaxListenersExceededWarning');
  });

  it('is not kept with keepalive: false, and none is opened ahead', async () => {
    await start({ keepalive: false });

    await get('/1');
    await get('/2');

    expect(used()).toEqual([1, 2]);
    expect(upstream.requests[0]?.headers['connection']).toBe('close');
    await eventually(() => upstream.open() === 0);
  });

  it('is not used again when the upstream closes it with the response', async () => {
    play = ({ target }) => [plain(target, 'connection: close\r\n')];
    await start();

    expect((await get('/1')).text()).toBe('/1');
    expect((await get('/2')).text()).toBe('/2');
    expect(used()).toEqual([1, 2]);
  });

  it('is closed when it was idle for longer than keepalive_timeout', async () => {
    await start({ keepalive_timeout: 1000 });
    await get('/1');

    await eventually(() => upstream.open() === 0);
    await get('/2');

    expect(used()).toEqual([1, 2]);
  });

  it('is not closed by keepalive_timeout while a request waits on it', async () => {
    play = () => [{ pauseMs: 1500 }, plain('late')];
    await start({ keepalive_timeout: 1000 });

    const response = await get('/1');

    expect([response.status, response.text()]).toEqual([200, 'late']);
    expect(used()).toEqual([1]);
  });

  // The same second makes the same signature: the first connection dies in another one.
  const dieOnSecond = ({ turn, connection }: RawRequest): readonly Step[] =>
    turn === 2 && connection === 1 ? [{ pauseMs: 1100 }, 'end'] : [plain('ok')];

  const repeatable = [
    ['GET', [], 200, 2],
    ['PUT', [], 200, 2],
    ['DELETE', [], 200, 2],
  ] as const;
  const others = [
    ['POST', [], 502, 1],
    ['PATCH', [], 502, 1],
  ] as const;
  const keyed = [['POST', [['idempotency-key', 'k1']], 200, 2]] as const;

  it.each([...sample(repeatable), ...sample(others), ...keyed])(
    'that dies on a %s with %j: answers %i after %i tries',
    async (method, headers, status, tries) => {
      play = dieOnSecond;
      await start();
      await get('/first');

      const response = await send(artefact.url, {
        method,
        target: '/second',
        headers,
        body: Buffer.from('body'),
      });

      const seconds = upstream.requests.filter(({ target }) => target === '/second');
      expect(response.status).toBe(status);
      expect(seconds.map(({ connection }) => connection)).toEqual([1, 2].slice(0, tries));
      expect(new Set(seconds.map(({ body }) => String(body)))).toEqual(new Set(['body']));
      // Each try is signed anew.
      expect(new Set(seconds.map(({ headers: sent }) => sent['x-amz-date'])).size).toBe(tries);
      expect(new Set(seconds.map(({ headers: sent }) => sent['authorization'])).size).toBe(tries);
      const line = await artefact.logged({ type: 'access', path: '/second' });
      expect(line['upstreamTries']).toBe(tries);
      if (status === 502) expect(response.header('countersign-error')).toBe('UPSTREAM_UNREACHABLE');
    },
  );

  it('is replaced once only: the second connection that dies is a 502', async () => {
    play = ({ target }) => (target === '/second' ? ['reset'] : [plain('ok')]);
    await start();
    await get('/first');

    const response = await get('/second');

    expect(response.status).toBe(502);
    expect(used()).toEqual([1, 1, 2]);
  });

  const begun = [
    ['in the status line', 'HTTP/1.1 2'],
    ['in the headers', 'HTTP/1.1 200 OK\r\nx-a'],
    ['behind 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ] as const;

  it.each(sample(begun))('is not replaced when a response had begun: cut %s', async (_, text) => {
    play = ({ target }) => (target === '/second' ? [text, 'end'] : [plain('ok')]);
    await start();
    await get('/first');

    const response = await get('/second');

    expect(response.status).toBe(502);
    expect(used()).toEqual([1, 1]);
  });

  it('that is fresh and dies is not replaced', async () => {
    play = () => ['end'];
    await start({ keepalive: false });

    const response = await get('/1');

    expect([response.status, response.header('countersign-error')]).toEqual([
      502,
      'UPSTREAM_UNREACHABLE',
    ]);
    expect(used()).toEqual([1]);
  });

  it('that was opened ahead and closed meanwhile is not used', async () => {
    await start();
    await eventually(() => upstream.open() === 1);
    await upstream.interject(['end']);

    const response = await get('/1');

    expect(response.status).toBe(200);
    expect(used()).toEqual([2]);
  });
});

describe('a pool of kept connections', () => {
  it('keeps keepalive_pool idle ones and closes the others', async () => {
    // A Lambda environment serves one request at a time, so the pool is asked itself.
    const upstream = await startRawUpstream(() => [plain('ok')]);
    const { port, hostname } = new URL(upstream.url);
    const origin = { protocol: 'http:', hostname, port: Number(port) } as const;
    const allowedHosts = parseAllowedHosts(hostname, (found) => {
      throw new Error(found);
    });
    const pools = createPools({ allowedHosts, now: Date.now });
    const pool = pools.get(origin, {
      keepalive: true,
      poolSize: 2,
      idleTimeoutMs: 60_000,
      verifyTls: true,
    });
    const request = async () => {
      const response = await sendRequest(
        { method: 'GET', path: '/', query: '', headers: [['host', 'x']], body: Buffer.alloc(0) },
        {
          origin,
          pool,
          headersDeadlineMs: Date.now() + 10_000,
          silenceMs: 10_000,
          deadlineMs: Date.now() + 10_000,
          now: Date.now,
        },
      );
      for await (const _ of response.body as AsyncIterable<Buffer>);
    };

    await Promise.all(Array.from({ length: 5 }, request));

    expect(upstream.connections()).toBe(5);
    await eventually(() => upstream.open() === 2);
    pool.closeIdle();
    await eventually(() => upstream.open() === 0);
    await upstream.close();
  });
});
