/** Every way in which a request to an upstream can end settles `sendRequest`, and leaves no socket open. */
import { createPools, type PoolSettings } from '../../functions/proxy/send/connections.ts';
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import { isStaleConnection, sendRequest } from '../../functions/proxy/send/send.ts';
import { parseTarget } from '../../functions/proxy/upstream/target.ts';
import { eventually } from '../support/eventually.ts';
import { closeAtEnd } from '../support/open-resources.ts';
import { plain, type RawUpstream, type Step, startRawUpstream } from '../support/raw-upstream.ts';

let upstream: RawUpstream;
let steps: readonly Step[] = [];

beforeAll(async () => {
  upstream = await startRawUpstream(() => steps);
});

afterAll(() => upstream.close());

async function sendTo(url: string, method: string): Promise<unknown> {
  const now = () => Date.now();
  const allowedHosts = parseAllowedHosts('127.0.0.1', () => {
    throw new Error('unreachable');
  });
  const target = parseTarget(url, allowedHosts);
  const settings = { keepalive: true, poolSize: 1, idleTimeoutMs: 60_000, verifyTls: true };
  const request = { method, path: '/', query: '', headers: [['host', 'h'] as const] };
  try {
    return await sendRequest(
      { ...request, body: Buffer.alloc(0) },
      {
        origin: target,
        pool: createPools({ allowedHosts, now }).get(target, settings),
        headersDeadlineMs: now() + 20_000,
        silenceMs: 20_000,
        deadlineMs: now() + 20_000,
        now,
      },
    );
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

it.each([
  ['a tunnel that is accepted', 'CONNECT', ['HTTP/1.1 200 OK\r\n\r\n']],
  ['a tunnel that speaks at once', 'CONNECT', ['HTTP/1.1 200 OK\r\n\r\nhello']],
  ['a tunnel that is refused', 'CONNECT', ['HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n']],
  ['101', 'GET', ['HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello']],
  ['1xx without end', 'GET', Array(500).fill('HTTP/1.1 102 x\r\n\r\n')],
])('%s is an invalid response', async (_, method, played) => {
  steps = played;

  expect(await sendTo(upstream.url, method)).toBe('UPSTREAM_INVALID_RESPONSE');
  await eventually(() => upstream.open() === 0);
});

it.each([
  ['an end before any byte', ['end']],
  ['a reset before any byte', ['reset']],
])('%s is an unreachable upstream', async (_, played) => {
  steps = played as Step[];

  expect(await sendTo(upstream.url, 'GET')).toBe('UPSTREAM_UNREACHABLE');
  await eventually(() => upstream.open() === 0);
});

it.each([
  ['an end inside the head', ['HTTP/1.1 200 OK\r\nx-a', 'end']],
  ['a reset inside the head', ['HTTP/1.1 200 OK\r\nx-a', 'reset']],
  ['an end behind an informational response', ['HTTP/1.1 103 x\r\n\r\n', 'end']],
])('%s is a cut', async (_, played) => {
  steps = played as Step[];

  expect(await sendTo(upstream.url, 'GET')).toBe('UPSTREAM_CUT');
  await eventually(() => upstream.open() === 0);
});

describe('connections', () => {
  const allowedHosts = parseAllowedHosts('127.0.0.1', () => {
    throw new Error('unreachable');
  });

  /** An upstream of its own, and a pool whose clock is moved by hand. */
  async function start(
    more: Partial<PoolSettings> = {},
    played: readonly Step[] = [plain('hello')],
  ) {
    const own = await startRawUpstream(() => played);
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

    expect([await ask(), await ask()]).toEqual(['hello', 'hello']);
    expect(own.connections()).toBe(1);
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
});
