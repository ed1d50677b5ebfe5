// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables as documents write them.
/** Sliding windows, rules with the same key, and counts that an edit of something else leaves alone. */
import { createShare } from '../../functions/proxy/chain/share.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { limitConn } from '../../functions/proxy/plugins/traffic/limit-conn.ts';
import { limitCount } from '../../functions/proxy/plugins/traffic/limit-count.ts';
import { limitReq } from '../../functions/proxy/plugins/traffic/limit-req.ts';
import {
  type CountStoreOptions,
  createCountStore,
} from '../../functions/proxy/plugins/traffic/limits/count-store.ts';
import type { LimitTable } from '../../functions/proxy/plugins/traffic/limits/table.ts';
import { toExchange, toRequest, toResponse, toServices } from '../support/builders.ts';

const limit = { count: 10, windowMs: 1000 };

/** Counters as DynamoDB keeps them. */
function createCounterTable() {
  const items = new Map<string, number>();
  let updates = 0;
  const table: LimitTable = {
    async update(key, { condition, values }) {
      updates += 1;
      const hits = items.get(key);
      if (condition !== undefined && hits !== undefined && hits >= Number(values[':count']?.N)) {
        return undefined;
      }
      const next = (hits ?? 0) + Number(values[':one']?.N ?? values[':none']?.N);
      items.set(key, next);
      return { hits: { N: String(next) } };
    },
  };
  return { table, updates: () => updates };
}

function createStore(parts: Partial<CountStoreOptions>) {
  const clock = { ms: 1_000_000 };
  const store = createCountStore({
    ...{ isSliding: true, group: undefined, owner: 'x', settings: {} },
    ...{ table: undefined, share: undefined, now: () => clock.ms, ...parts },
  });
  const take = async (times: number) => {
    let passed = 0;
    for (let index = 0; index < times; index += 1) {
      if ((await store.take('a', limit)).isAllowed) passed += 1;
    }
    return passed;
  };
  return { store, take, clock };
}

describe.each([
  ['in memory', () => undefined],
  ['in a table', () => createCounterTable().table],
])('a sliding window %s', (_, toTable) => {
  test('weighs the requests of the window before by what is left of them', async () => {
    const { take, clock } = createStore({ table: toTable() });
    expect(await take(12)).toBe(10);
    clock.ms += 1000;
    expect(await take(12)).toBe(0);
    clock.ms += 500;
    // Half of the ten before count.
    expect(await take(12)).toBe(5);
    clock.ms += 499;
    expect(await take(12)).toBe(4);
    clock.ms += 1;
    expect(await take(12)).toBe(1);
    clock.ms += 10_000;
    expect(await take(12)).toBe(10);
  });

  test('lets pass no more than the count around the end of a window', async () => {
    const { take, clock } = createStore({ table: toTable() });
    clock.ms += 999;
    const before = await take(10);
    clock.ms += 2;
    expect([before, await take(10)]).toEqual([10, 0]);
  });

  test('says how many requests are left', async () => {
    const { store, clock } = createStore({ table: toTable() });
    await store.take('a', limit);
    await store.take('a', limit);
    expect(await store.take('a', limit)).toMatchObject({ isAllowed: true, remaining: 7 });
    clock.ms += 1500;
    // One and a half of the three before, and this one.
    expect(await store.take('a', limit)).toMatchObject({ remaining: 7, resetMs: 500 });
  });
});

test('a refused request is told when the next one may pass', async () => {
  const { store, take, clock } = createStore({});
  await take(10);
  clock.ms += 1000;
  expect(await store.take('a', limit)).toMatchObject({ isAllowed: false, resetMs: 100 });
  clock.ms += 100;
  expect(await store.take('a', limit)).toMatchObject({ isAllowed: true });
});

test('in a table the window before is asked for once', async () => {
  const { table, updates } = createCounterTable();
  const { take, clock } = createStore({ table });
  await take(5);
  expect(updates()).toBe(6);
  clock.ms += 1000;
  await take(1);
  expect(updates()).toBe(8);
});

test('a count that is made smaller counts what there was', async () => {
  const { store } = createStore({ isSliding: false });
  for (let index = 0; index < 3; index += 1) await store.take('a', limit);

  expect(await store.take('a', { ...limit, count: 2 })).toMatchObject({
    ...{ isAllowed: false, remaining: 0 },
  });
  expect(await store.take('a', limit)).toMatchObject({ isAllowed: true, remaining: 6 });
});

/** One environment, in which a document is compiled again after an edit. */
function createEdits(plugin: Plugin) {
  const share = createShare();
  const own = toServices();
  return (config: object, owner = '/routes/a#a') => {
    const services = { ...own, owner, limits: { ...own.limits, share } };
    const { middleware } = plugin.prepare(config, services, { pointer: '/x', written: config });
    return async (headers: Readonly<Record<string, string>> = {}) => {
      const exchange = toExchange({
        request: toRequest({ headers }),
        deadlineMs: Number.MAX_SAFE_INTEGER,
      });
      const body = (async function* () {
        yield Buffer.from('under way');
      })();
      try {
        return (await middleware(exchange, async () => toResponse({ body }))).status;
      } catch (error) {
        return (error as { readonly code: string }).code;
      }
    };
  };
}

test.each<[plugin: Plugin, config: object, other: object]>([
  [limitCount, { count: 1, time_window: 60 }, { count: 2, time_window: 60 }],
  [
    limitCount,
    { count: 1, time_window: 60, window_type: 'sliding' },
    { count: 2, time_window: 60, window_type: 'sliding' },
  ],
  [
    limitConn,
    { conn: 1, burst: 0, default_conn_delay: 1 },
    { conn: 1, burst: 0, default_conn_delay: 2 },
  ],
  [limitReq, { rate: 0.001, burst: 0, key: 'remote_addr' }, { rate: 0.002, burst: 0, key: 'host' }],
])('$name with %j goes on counting after an edit of something else', async (...row) => {
  const [plugin, config, other] = row;
  const edit = createEdits(plugin);
  const first = edit(config);
  expect([await first(), await first()]).toEqual([200, 'RATE_LIMITED']);

  expect(await edit({ ...config })()).toBe('RATE_LIMITED');
  expect(await edit(config, '/routes/b#b')()).toBe(200);
  expect(await edit(other)()).toBe(200);
});

describe('rules', () => {
  const count = (count: unknown, key: string) => ({ count, time_window: 60, key });

  test('of limit-count may have one key, defaults in it, and amounts of their own', async () => {
    const ask = createEdits(limitCount)({
      rules: [count('${http_x_quota ?? 3}', '${http_user ?? anybody}'), count(2, '$http_user')],
    });

    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([
      ...[200, 200, 200, 'RATE_LIMITED'],
    ]);
    const ann = { user: 'ann' };
    expect([await ask(ann), await ask(ann), await ask(ann)]).toEqual([200, 200, 'RATE_LIMITED']);
    const bob = { user: 'bob', 'x-quota': '1' };
    expect([await ask(bob), await ask(bob)]).toEqual([200, 'RATE_LIMITED']);
  });

  const conn = (conn: unknown, key: string) => ({ conn, burst: 0, key });

  test('of limit-conn hold a lease each, and give back what a later rule refuses', async () => {
    const ask = createEdits(limitConn)({
      default_conn_delay: 1,
      rules: [conn(2, '$http_team'), conn('${http_x_conn ?? 1}', '$http_user')],
    });
    const of = (team: string, user: string) => ask({ team, user });

    expect(await of('red', 'ann')).toBe(200);
    expect(await of('red', 'ann')).toBe('RATE_LIMITED');
    expect(await of('red', 'bob')).toBe(200);
    expect(await of('red', 'cyd')).toBe('RATE_LIMITED');
    expect(await of('blue', 'cyd')).toBe(200);
    expect(await ask({ team: 'green' })).toBe(200);
    expect(await ask()).toBe('ACCESS_UNDECIDED');
  });
});
