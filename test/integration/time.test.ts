/** What a route's timeout covers, and where names lead. */
import { spawn } from 'node:child_process';
import { type Agent, createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createPools, type Pool } from '../../functions/proxy/send/connections.ts';
import { parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import { sendRequest } from '../../functions/proxy/send/send.ts';
import { listen } from '../../local/http-server.ts';
import { startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { timeFastest } from '../support/fastest.ts';
import { closeAtEnd } from '../support/open-resources.ts';
import { plain, startRawUpstream } from '../support/raw-upstream.ts';

const timeout = 400;

/** Every request is answered as expected, and the fastest one soon. */
async function expectTimeout(url: string): Promise<void> {
  const maxMs = timeout + 1500;
  const ms = await timeFastest(maxMs, async () => {
    const response = await send(url, { target: '/' });
    expect([response.status, response.header('countersign-error')]).toEqual([
      504,
      'UPSTREAM_TIMEOUT',
    ]);
  });
  expect(ms).toBeLessThan(maxMs);
}

describe("a route's timeout", () => {
  const start = (function_uri: string, attributes: object = {}) =>
    startArtefact({
      routes: {
        any: { uri: '/*', plugins: { 'aws-lambda': { function_uri, timeout, ...attributes } } },
      },
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });

  it.each([true, false])('covers TLS (a connection opened ahead: %s)', async (keepalive) => {
    const upstream = await startRawUpstream(() => []);
    const artefact = await start(upstream.url.replace('http:', 'https:'), { keepalive });

    await expectTimeout(artefact.url);
    await Promise.all([artefact.close(), upstream.close()]);
  });

  it('covers connecting', async () => {
    const upstream = await startUnconnectable();
    const artefact = await start(`http://127.0.0.1:${upstream.port}/`, { keepalive: false });

    await expectTimeout(artefact.url);
    await Promise.all([artefact.close(), upstream.close()]);
  });

  it('covers headers that come in drops', async () => {
    const drops = Array(12)
      .fill([{ pauseMs: 50 }, 'x-a: b\r\n'])
      .flat();
    const upstream = await startRawUpstream(() => ['HTTP/1.1 200 OK\r\n', ...drops]);
    const artefact = await start(upstream.url);

    await expectTimeout(artefact.url);
    await Promise.all([artefact.close(), upstream.close()]);
  });
});

type Lookup = (
  name: string,
  options: { readonly all?: boolean },
  done: (error: null, ...found: readonly unknown[]) => void,
) => void;

/** A pool for `localhost`, whose name is resolved by the test. */
function createNamedPool(port: number, lookup: Lookup) {
  const origin = { protocol: 'http:', hostname: 'localhost', port } as const;
  const allowedHosts = parseAllowedHosts(origin.hostname, (found) => {
    throw new Error(found);
  });
  const settings = { keepalive: true, poolSize: 2, idleTimeoutMs: 60_000, verifyTls: true };
  const pool: Pool = createPools({ allowedHosts, now: Date.now }).get(origin, settings);
  Object.assign((pool.agent as Agent & { readonly options: object }).options, { lookup });
  const ask = async (timeoutMs = 5000) => {
    const deadlineMs = Date.now() + timeoutMs;
    const response = await sendRequest(
      { method: 'GET', path: '/', query: '', headers: [['host', 'x']], body: Buffer.alloc(0) },
      {
        ...{ origin, pool, headersDeadlineMs: deadlineMs, deadlineMs },
        ...{ silenceMs: timeoutMs, now: Date.now },
      },
    );
    return text(response.body as AsyncIterable<Buffer>);
  };
  return { pool, ask };
}

describe('the name of an upstream', () => {
  it('may be slow to resolve: the time counts', async () => {
    const { ask } = createNamedPool(80, () => {});

    await expect(ask(200)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT', isUnsent: true });
  });

  it('may lead elsewhere: new connections follow, kept ones serve on', async () => {
    const before = await startRawUpstream(() => [plain('before')]);
    const after = createServer((_, response) => response.end('after'));
    const { port } = new URL(before.url);
    const listening = await listen(after, { host: '127.0.0.2', port: Number(port) });
    let address = '127.0.0.1';
    const close = closeAtEnd(() => Promise.all([before.close(), listening.close()]));
    const { pool, ask } = createNamedPool(Number(port), (_, { all }, done) => {
      if (all) done(null, [{ address, family: 4 }]);
      else done(null, address, 4);
    });
    expect(await ask()).toBe('before');

    address = '127.0.0.2';
    const kept = await ask();
    await before.interject(['end']);
    await eventually(() => Object.values(pool.agent.freeSockets).flat().length === 0);
    const fresh = await ask();

    expect([kept, fresh]).toEqual(['before', 'after']);
    pool.closeIdle();
    await close();
  });
});

/** A stopped process that has bound a port: its queue is full, and the system answers no further SYN. */
async function startUnconnectable(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const program =
    "require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){process.send(this.address().port)})";
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const port = await new Promise<number>((resolve) => {
    child.once('message', (message) => resolve(Number(message)));
  });
  child.kill('SIGSTOP');
  const queue: Socket[] = [];
  for (let count = 0; count < 20; count += 1) {
    queue.push(connect({ port, host: '127.0.0.1' }).on('error', () => {}));
  }
  await eventually(() => queue.filter(({ connecting }) => !connecting).length >= 2);
  const close = closeAtEnd(async () => {
    for (const socket of queue) socket.destroy();
    child.kill('SIGKILL');
  });
  return { port, close };
}
