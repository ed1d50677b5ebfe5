import type { Handle } from '../../functions/proxy/chain/exchange.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { createRecent } from '../../functions/proxy/http/recent.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { limitConn } from '../../functions/proxy/plugins/traffic/limit-conn.ts';
import { limitReq } from '../../functions/proxy/plugins/traffic/limit-req.ts';
import { createLeaseStore } from '../../functions/proxy/plugins/traffic/limits/lease-store.ts';
import type {
  Item,
  LimitTable,
  Update,
} from '../../functions/proxy/plugins/traffic/limits/table.ts';
import { discardBody } from '../../functions/proxy/upstream/attempts.ts';
import { createDeferred } from '../../local/deferred.ts';
import { rejectionOf, toExchange, toRequest, toResponse, toServices } from '../support/builders.ts';

/** A plugin in front of a handle, with a clock that only sleeping moves. */
function prepare(plugin: Plugin, config: object, next: Handle = async () => toResponse()) {
  const clock = { ms: 1_000_000 };
  const slept: number[] = [];
  const services = {
    ...toServices(),
    now: () => clock.ms,
    sleep: async (ms: number) => {
      slept.push(ms);
      clock.ms += ms;
    },
  };
  const { middleware } = plugin.prepare(config, services, { pointer: '', written: config });
  const ask = (clientIp = '192.0.2.1', deadlineMs = Number.MAX_SAFE_INTEGER) =>
    middleware(toExchange({ request: toRequest({ clientIp }), deadlineMs }), next);
  const outcome = async (...parts: Parameters<typeof ask>) => {
    try {
      await ask(...parts);
      return 'passes';
    } catch (error) {
      return (error as { headers: Record<string, string> }).headers['retry-after'];
    }
  };
  return { ask, outcome, clock, slept, warnings: services.warnings };
}

describe('limit-req in memory', () => {
  const config = { rate: 2, burst: 2, key: 'remote_addr' };

  test('requests beyond the rate wait their turn, and beyond the burst are refused', async () => {
    const { outcome, slept, clock } = prepare(limitReq, { ...config, nodelay: true });

    const outcomes = [];
    for (let index = 0; index < 5; index += 1) outcomes.push(await outcome());
    expect(outcomes).toEqual(['passes', 'passes', 'passes', '1', '1']);
    clock.ms += 500;
    expect([await outcome(), await outcome()]).toEqual(['passes', '1']);
    expect(slept).toEqual([]);
    clock.ms += 3_600_000;
    expect(await outcome()).toBe('passes');
  });

  test('a request waits one interval for each that is before it', async () => {
    const { ask, slept, clock } = prepare(limitReq, config);

    const beganMs = clock.ms;
    await ask();
    await ask();
    await ask();

    expect(slept).toEqual([500, 500]);
    expect(clock.ms - beganMs).toBe(1000);
  });

  test('one that could not be answered in time any more does not wait', async () => {
    const { ask, outcome, slept, clock } = prepare(limitReq, config);
    await ask();

    expect(await outcome('192.0.2.1', clock.ms + 500)).toBe('1');
    expect(slept).toEqual([]);
  });

  test('addresses do not wait for one another', async () => {
    const { ask, slept } = prepare(limitReq, config);
    await ask('192.0.2.1');
    await ask('192.0.2.2');

    expect(slept).toEqual([]);
  });
});

describe('limit-conn in memory', () => {
  const config = { conn: 2, burst: 2, default_conn_delay: 0.5, only_use_default_delay: true };

  function prepareHeld(more: object = {}) {
    const held = createDeferred<ProxyResponse>();
    const prepared = prepare(limitConn, { ...config, ...more }, () => held.promise);
    return { ...prepared, held };
  }

  test('delays requests beyond conn, and refuses requests beyond the burst', async () => {
    const { ask, outcome, slept, held } = prepareHeld();
    const running = [ask(), ask(), ask(), ask()];

    expect(await outcome()).toBe('1');
    expect(slept).toEqual([500, 500]);
    held.resolve(toResponse());
    await Promise.all(running);
    expect(await outcome()).toBe('passes');
  });

  test('the delay follows how long requests take, unless it is not to', async () => {
    const prepared = prepare(
      limitConn,
      { ...config, only_use_default_delay: false, conn: 1 },
      async () => {
        prepared.clock.ms += 1500;
        return toResponse();
      },
    );
    const { ask, slept } = prepared;
    await ask();

    // (0.5 s + 1.5 s) / 2
    await Promise.all([ask(), ask()]);
    expect(slept).toEqual([1000]);
  });

  test.each([
    ['has ended', (response: ProxyResponse) => drain(response)],
    ['is given up unread', (response: ProxyResponse) => discardBody(response)],
  ])('a request counts until its body %s', async (_, finish) => {
    const body = toBody('one', 'two');
    const { ask, outcome } = prepare(limitConn, { ...config, conn: 1, burst: 0 }, async () =>
      toResponse({ body: body() }),
    );

    const response = await ask();
    expect(await outcome()).toBe('1');
    await finish(response);
    expect(await outcome()).toBe('passes');
  });

  test('one that fails, or breaks inside its body, counts no more', async () => {
    const breaks = async () =>
      toResponse({
        body: (async function* () {
          yield Buffer.from('one');
          throw new Error('broken');
        })(),
      });
    const failing = prepare(limitConn, { ...config, conn: 1, burst: 0 }, async () => {
      throw new Error('failed');
    });
    const breaking = prepare(limitConn, { ...config, conn: 1, burst: 0 }, breaks);

    await rejectionOf(failing.ask());
    expect(await rejectionOf(failing.ask())).toMatchObject({ message: 'failed' });
    await rejectionOf(drain(await breaking.ask()));
    expect(await breaking.ask()).toMatchObject({ status: 200 });
  });

  test('says once that it counts little on Lambda', () => {
    expect(prepareHeld().warnings).toEqual([expect.stringContaining('policy dynamodb')]);
  });
});

describe('leases', () => {
  test.each([
    ['in memory', undefined],
    ['in a table', createFakeTable()],
  ])('%s end by themselves when nobody gives them back', async (_, table) => {
    let nowMs = 1_000_000;
    const leases = createLeaseStore({ owner: 'x', table, now: () => nowMs });
    await leases.acquire('a', { max: 2, expiresMs: nowMs + 10_000 });
    const kept = await leases.acquire('a', { max: 2, expiresMs: nowMs + 60_000 });
    expect(await leases.acquire('a', { max: 2, expiresMs: nowMs + 60_000 })).toBeUndefined();
    expect(await leases.acquire('b', { max: 2, expiresMs: nowMs + 60_000 })).toMatchObject({
      running: 1,
    });

    nowMs += 10_000;
    expect(await leases.acquire('a', { max: 2, expiresMs: nowMs + 60_000 })).toMatchObject({
      running: 2,
    });
    expect(await leases.acquire('a', { max: 2, expiresMs: nowMs + 60_000 })).toBeUndefined();
    await kept?.release();
    expect(await leases.acquire('a', { max: 2, expiresMs: nowMs + 60_000 })).toMatchObject({
      running: 2,
    });
  });
});

test('counts in memory forget their oldest name rather than grow', () => {
  const recent = createRecent<number>(3);
  for (const name of ['a', 'b', 'c', 'a', 'd']) recent.set(name, 1);

  expect(['a', 'b', 'c', 'd'].map((name) => recent.get(name))).toEqual([1, undefined, 1, 1]);
});

function toBody(...texts: string[]) {
  return async function* () {
    for (const text of texts) yield Buffer.from(text);
  };
}

async function drain({ body }: ProxyResponse): Promise<void> {
  for await (const _ of body as AsyncIterable<Buffer>);
}

/** Sets of leases as DynamoDB keeps them. */
function createFakeTable(): LimitTable {
  const items = new Map<string, Set<string>>();
  const toItem = (set: Set<string>): Item => ({ leases: { SS: [...set] } });
  return {
    async update(key: string, { condition, values }: Update) {
      const set = items.get(key) ?? new Set();
      const max = values[':max']?.N;
      if (condition !== undefined && set.size >= Number(max)) return undefined;
      for (const id of values[':lease']?.SS ?? []) set.add(id);
      for (const id of values[':leases']?.SS ?? []) set.delete(id);
      items.set(key, set);
      return toItem(set);
    },
  };
}
