/** What a cold start and a request may cost, in what can be counted: calls, connections, copies. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { relayResponse } from '../../functions/proxy/relay.ts';
import { createPools } from '../../functions/proxy/send/connections.ts';
import { parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import { sendRequest } from '../../functions/proxy/send/send.ts';
import { startArtefact } from '../support/artefact.ts';
import { toUpstreamRequest } from '../support/builders.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { createFakeResponseStream } from '../support/fake-response-stream.ts';
import { startUpstream } from '../support/upstream.ts';

const toRoute = (url: string) => ({
  uri: '/*',
  plugins: { 'aws-lambda': { function_uri: url, authorization: { iam: {} } } },
});

/** An artefact with as many routes, and the operations that its Parameter Store was asked for. */
async function start(routes: number, env: Readonly<Record<string, string>> = {}) {
  const upstream = await startUpstream();
  const calls: string[] = [];
  const documents = Array.from({ length: routes }, (_, index) => [
    `route-${index}`,
    { ...toRoute(upstream.url), ...(index === 0 ? {} : { uri: `/${index}/*` }) },
  ]);
  const artefact = await startArtefact({
    routes: Object.fromEntries(documents),
    env: { COUNTERSIGN_REFRESH_SECONDS: '3600', ...env },
    store: {
      intercept: (operation) => {
        calls.push(operation);
        return undefined;
      },
    },
    maxEnvironments: 1,
  });
  return {
    upstream,
    artefact,
    calls,
    close: () => Promise.all([artefact.close(), upstream.close()]),
  };
}

test.each([
  [3, 1],
  [10, 1],
  [11, 2],
  [25, 3],
])(
  'a cold start with %i parameters calls Parameter Store %i times, one a page of ten',
  async (routes, pages) => {
    const { artefact, calls, close } = await start(routes);

    await send(artefact.url, { target: '/' });

    expect(calls).toEqual(Array.from({ length: pages }, () => 'GetParametersByPath'));
    await close();
  },
);

test('requests call Parameter Store no more, and a refresh calls it once a page', async () => {
  const { artefact, calls, close } = await start(3, { COUNTERSIGN_REFRESH_SECONDS: '0' });
  await send(artefact.url, { target: '/' });
  // With an interval of 0 each request is followed by one refresh.
  await eventually(() => calls.length >= 2);
  const before = calls.length;

  await send(artefact.url, { target: '/' });
  await eventually(() => calls.length > before);

  expect(calls.length).toBe(before + 1);
  expect(new Set(calls)).toEqual(new Set(['GetParametersByPath']));
  await close();
});

test('fifty requests, one after another, open one connection to the upstream', async () => {
  const { artefact, upstream, calls, close } = await start(1);

  for (let count = 0; count < 50; count += 1) {
    expect((await send(artefact.url, { method: 'POST', target: '/', body: 'x' })).status).toBe(200);
  }

  expect(upstream.received).toHaveLength(50);
  expect(upstream.connections()).toBe(1);
  expect(calls).toHaveLength(1);
  await close();
});

test('a body goes from the socket to the client without being copied', async () => {
  // Prepare: every chunk of the body, as Node hands it out
  const server = createServer((_, response) => {
    response.write(Buffer.alloc(300_000, 'a'));
    setImmediate(() => response.end(Buffer.alloc(300_000, 'b')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = { protocol: 'http:' as const, hostname: '127.0.0.1', port };
  const allowedHosts = parseAllowedHosts('127.0.0.1', () => {
    throw new Error('not reached');
  });
  const now = () => Date.now();
  const settings = { keepalive: false, poolSize: 1, idleTimeoutMs: 1000, verifyTls: true };
  const pool = createPools({ allowedHosts, now }).get(origin, settings);
  const received = new Set<unknown>();
  const watch = (message: unknown) => {
    const { response } = message as { readonly response: IncomingMessage };
    response.on('data', (chunk: Buffer) => received.add(chunk));
  };
  subscribe('http.client.response.finish', watch);
  const stream = createFakeResponseStream();
  const written: Uint8Array[] = [];
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array) => {
    if (typeof chunk !== 'string') written.push(chunk);
    return write(chunk);
  };

  // Act
  const response = await sendRequest(
    toUpstreamRequest({ headers: [['host', `127.0.0.1:${port}`]] }),
    {
      origin,
      pool,
      headersDeadlineMs: now() + 10_000,
      deadlineMs: now() + 10_000,
      silenceMs: 10_000,
      now,
    },
  );
  const { bytes } = await relayResponse(response, stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 10_000,
  });

  // Assess
  expect(bytes).toBe(600_000);
  expect(written.length).toBeGreaterThan(1);
  expect(written.every((chunk) => received.has(chunk))).toBe(true);
  unsubscribe('http.client.response.finish', watch);
  await new Promise((resolve) => server.close(resolve));
});
