/** The connections of a pool: made ahead, kept, taken, given up. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createPools, type PoolSettings } from '../../functions/proxy/send/connections.ts';
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import { sendRequest } from '../../functions/proxy/send/send.ts';
import { isStaleConnection } from '../../functions/proxy/send/send-errors.ts';
import { parseTarget } from '../../functions/proxy/upstream/target.ts';
import { listen } from '../../local/http-server.ts';
import { eventually } from '../support/eventually.ts';
import { closeAtEnd } from '../support/open-resources.ts';
import { plain, type RawRequest, type Step, startRawUpstream } from '../support/raw-upstream.ts';

const allowedHosts = parseAllowedHosts('127.0.0.1, localhost', () => {
  throw new Error('unreachable');
});

/** An upstream of its own, and a pool whose clock is moved by hand. */
async function start(
  more: Partial<PoolSettings> = {},
  played: readonly Step[] | ((request: RawRequest) => readonly Step[]) = [plain('hello')],
) {
  const own = await startRawUpstream(typeof played === 'function' ? played : () => played);
  closeAtEnd(own.close);
  const clock = { ms: 1_000_000 };
  const now = () => clock.ms;
  const settings = { keepalive: true, poolSize: 1, idleTimeoutMs: 60_000, verifyTls: true };
  const target = parseTarget(own.url, allowedHosts);
  const pool = createPools({ allowedHosts, now }).get(target, { ...settings, ...more });
  const ask = async () => {
    const headers = [['host', 'h'] as const];
    const request = { method: 'GET', path: '/', query: '', headers, body: Buffer.alloc(0) };
    const deadlineMs = clock.ms + 20_000;
    const times = { headersDeadlineMs: deadlineMs, deadlineMs, silenceMs: 20_000, now };
    const response = await sendRequest(request, { origin: target, pool, ...times });
    return (await gatherBody(response)).toString();
  };
  const warm = async () => {
    const before = own.connections();
    pool.warm();
    await eventually(() => own.connections() === before + 1);
  };
  return { own, pool, clock, ask, warm };
}

it('one that was made ahead is taken by the next request, and kept', async () => {
  const { own, ask, warm } = await start();
  await warm();

  expect([await ask(), await ask(), await ask()]).toEqual(['hello', 'hello', 'hello']);
  expect(own.connections()).toBe(1);
});

it('one that was made ahead is taken by one request only', async () => {
  const { own, ask, warm } = await start();
  await warm();

  expect(await Promise.all([ask(), ask()])).toEqual(['hello', 'hello']);
  expect(own.connections()).toBe(2);
});

it('of several that are kept, the last one is taken again and again', async () => {
  const { own, ask } = await start({ poolSize: 2 });
  await Promise.all([ask(), ask()]);
  await ask();
  await ask();

  const [, , third, fourth] = own.requests.map(({ connection }) => connection);
  expect([own.connections(), fourth]).toEqual([2, third]);
});

it('one that is kept and dies under its second request is stale', async () => {
  const { ask } = await start({}, ({ turn }) => (turn === 1 ? [plain('hello')] : ['reset']));
  await ask();

  expect(isStaleConnection(await ask().catch((error: unknown) => error))).toBe(true);
});

it.each<[string, Partial<PoolSettings>, 'nothing' | 'warm' | 'ask', boolean]>([
  ['without any connection', {}, 'nothing', false],
  ['with one that was made ahead', {}, 'warm', true],
  ['with one that idles', {}, 'ask', true],
  ['where none is kept, nor made ahead', { keepalive: false }, 'warm', false],
])('a pool %s waits a turn for what peers have closed: %#', async (_, more, begin, isWaiting) => {
  const { pool, ask } = await start(more);
  if (begin === 'ask') await ask();
  if (begin === 'warm') pool.warm();
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  await pool.dropStale();

  expect(hasTurned).toBe(isWaiting);
});

it.each([
  [60_000, 1],
  [60_001, 2],
])('one that was made %i ms ahead leaves %i connections made', async (ms, connections) => {
  const { own, clock, ask, warm } = await start();
  await warm();
  clock.ms += ms;

  expect(await ask()).toBe('hello');
  expect(own.connections()).toBe(connections);
  await eventually(() => own.open() === 1);
});

it.each([
  [60_000, 1],
  [60_001, 2],
])('one that was idle for %i ms leaves %i connections made', async (ms, connections) => {
  const { own, clock, ask } = await start();
  await ask();
  clock.ms += ms;
  await ask();

  expect(own.connections()).toBe(connections);
});

it('one that the peer has closed meanwhile is not taken', async () => {
  const { own, ask, warm } = await start();
  await warm();
  await own.interject(['end']);
  await eventually(() => own.open() === 0);

  expect(await ask()).toBe('hello');
});

it('one that was made ahead and dies under its request is stale', async () => {
  const { ask, warm } = await start({}, ['reset']);
  await warm();

  expect(isStaleConnection(await ask().catch((error: unknown) => error))).toBe(true);
});

it.each(['warm', 'ask'] as const)('bytes on one that idles after %s close it', async (begin) => {
  const { own, ask, ...rig } = await start();
  await { ask, warm: rig.warm }[begin]();
  await own.interject([plain('poison')]);
  await eventually(() => own.open() === 0);

  expect(await ask()).toBe('hello');
});

it('only the last one that is made ahead stays, and closeIdle closes it', async () => {
  const { own, pool, warm } = await start();
  await warm();
  await warm();
  await eventually(() => own.open() === 1);
  pool.closeIdle();

  await eventually(() => own.open() === 0);
});

it('one that nobody takes is closed after the idle time', async () => {
  const { own, ask, warm } = await start({ idleTimeoutMs: 50 });
  await warm();
  await eventually(() => own.open() === 0);

  expect(await ask()).toBe('hello');
});

it('none is made ahead where none is kept', async () => {
  const { own, pool, ask } = await start({ keepalive: false });
  pool.warm();

  expect([await ask(), own.connections()]).toEqual(['hello', 1]);
});

it('one ahead that is refused leaves the error to the request', async () => {
  const { own, pool, ask } = await start();
  await own.close();
  pool.warm();

  expect(await ask().catch((error: { code: string }) => error.code)).toBe('UPSTREAM_UNREACHABLE');
});

it('one ahead that is refused, and that no request takes, is the error of nobody', async () => {
  const { own, pool } = await start();
  await own.close();
  pool.warm();
  // The next refusal comes behind that of the pool.
  const later = connectSocket(Number(new URL(own.url).port), '127.0.0.1');

  expect(await new Promise((resolve) => later.on('error', resolve))).toBeDefined();
});

it.each([
  ['localhost', 'localhost'],
  ['127.0.0.1', false],
])('one to %s that is made ahead names the server %s', async (host, expected) => {
  const read = (name: string) => readFileSync(join(import.meta.dirname, '../support', name));
  const server = createServer({ cert: read('tls-cert.pem'), key: read('tls-key.pem') });
  const { port, close } = await listen(server as never);
  closeAtEnd(close);
  const names: unknown[] = [];
  server.on('secureConnection', (socket: TLSSocket) => names.push(socket.servername));
  const settings = { keepalive: true, poolSize: 1, idleTimeoutMs: 60_000, verifyTls: false };
  const target = parseTarget(`https://${host}:${port}/`, allowedHosts);
  const pool = createPools({ allowedHosts, now: Date.now }).get(target, settings);
  pool.warm();

  await eventually(() => names.length === 1);
  pool.closeIdle();
  expect(names).toEqual([expected]);
});

test('the idle connections of all pools are limited together, and the oldest ones end', async () => {
  const own = await startRawUpstream(() => [plain('hello')]);
  closeAtEnd(own.close);
  const now = () => 1_000_000;
  const target = parseTarget(own.url, allowedHosts);
  const pools = createPools({ allowedHosts, now });
  const ask = async (idleTimeoutMs: number) => {
    const settings = { keepalive: true, poolSize: 1, idleTimeoutMs, verifyTls: true };
    const times = { headersDeadlineMs: 1_020_000, deadlineMs: 1_020_000, silenceMs: 20_000, now };
    const headers = [['host', 'h'] as const];
    const request = { method: 'GET', path: '/', query: '', headers, body: Buffer.alloc(0) };
    const pool = pools.get(target, settings);
    await gatherBody(await sendRequest(request, { origin: target, pool, ...times }));
  };
  // A document may have settings of its own for each of its routes, and each of them is a pool.
  for (let index = 0; index < 510; index += 1) await ask(60_000 + index);

  await eventually(() => own.open() === 500);
  expect(own.connections()).toBe(510);
  await ask(60_509);
  expect(own.connections()).toBe(510);
  await ask(60_000);
  expect(own.connections()).toBe(511);
});
