/** What limit-req and limit-conn ask of a table, and how they read its answers. */
import { createBucketStore } from '../../functions/proxy/plugins/traffic/limits/bucket-store.ts';
import { createCountStore } from '../../functions/proxy/plugins/traffic/limits/count-store.ts';
import { createLeaseStore } from '../../functions/proxy/plugins/traffic/limits/lease-store.ts';
import type {
  Item,
  LimitTable,
  Update,
} from '../../functions/proxy/plugins/traffic/limits/table.ts';

const nowMs = 1_000_000_000;
const now = () => nowMs;
const ungrouped = { isSliding: false, group: undefined, share: undefined, settings: {} };

/** Answers in turn, and keeps what it is asked. */
function createTable(...answers: readonly (Item | undefined)[]) {
  const heard: { readonly key: string; readonly update: Update }[] = [];
  const left = [...answers];
  const table: LimitTable = {
    async update(key, update) {
      heard.push({ key, update });
      return left.shift();
    },
  };
  return { table, heard };
}

describe('a leaky bucket in a table', () => {
  const limit = { rate: 2, burst: 3 };
  const open = (...answers: readonly (Item | undefined)[]) => {
    const { table, heard } = createTable(...answers);
    return { store: createBucketStore(limit, { owner: 'x', table, now }), heard };
  };
  const micros = nowMs * 1000;

  test('is empty: one update fills in one interval, and nothing waits', async () => {
    const { store, heard } = open({ dry: { N: '7' } });

    expect(await store.pour('a')).toEqual({ isAllowed: true, waitMs: 0 });
    expect(heard.map(({ update }) => update)).toEqual([
      {
        update: 'SET dry = :after, expires_at = :expires',
        condition: 'attribute_not_exists(dry) OR dry <= :now',
        values: {
          // Until the fullest bucket has run dry, and a minute more.
          ':expires': { N: '1000062' },
          ':now': { N: String(micros) },
          ':after': { N: String(micros + 500_000) },
        },
      },
    ]);
  });

  test('is not empty: a second update queues the request, which waits for those before it', async () => {
    const { store, heard } = open(undefined, { dry: { N: String(micros + 1_250_000) } });

    expect(await store.pour('a')).toEqual({ isAllowed: true, waitMs: 750 });
    expect(heard[1]?.update).toEqual({
      update: 'SET dry = dry + :interval, expires_at = :expires',
      condition: 'dry <= :latest',
      values: {
        ':expires': { N: '1000062' },
        ':interval': { N: '500000' },
        ':latest': { N: String(micros + 1_500_000) },
      },
    });
  });

  test('has run dry in the meantime: nothing waits', async () => {
    const { store } = open(undefined, { dry: { N: String(micros) } });

    expect(await store.pour('a')).toEqual({ isAllowed: true, waitMs: 0 });
  });

  test('is full: a request may pass in an interval', async () => {
    const { store } = open(undefined, undefined);

    expect(await store.pour('a')).toEqual({ isAllowed: false, waitMs: 500 });
  });

  test('counts by microseconds where requests are many', async () => {
    const { table, heard } = createTable({});
    await createBucketStore({ rate: 10_000_000, burst: 0 }, { owner: 'x', table, now }).pour('a');

    expect(heard[0]?.update.values[':after']).toEqual({ N: String(micros + 1) });
  });
});

test.each([
  [2, 0.5, [0, undefined]],
  [1, 1.5, [0, 1000, undefined]],
])('a bucket in memory with a rate of %d and a burst of %d', async (rate, burst, waits) => {
  const store = createBucketStore({ rate, burst }, { owner: 'x', table: undefined, now });
  const poured = [];
  for (const _ of waits) poured.push(await store.pour('a'));

  expect(poured.map(({ isAllowed, waitMs }) => (isAllowed ? waitMs : undefined))).toEqual(waits);
});

describe('leases in a table', () => {
  const expiresMs = nowMs + 5000.5;
  const held = (...ids: string[]): Item => ({ leases: { SS: ids } });
  const open = (...answers: readonly (Item | undefined)[]) => {
    const { table, heard } = createTable(...answers);
    return { store: createLeaseStore({ owner: 'x', table, now }), heard };
  };

  test('one conditional update takes a place, which is given back by its own id', async () => {
    const { store, heard } = open(held('1:a', '2:b'));
    const lease = await store.acquire('a', { max: 2, expiresMs });
    await lease?.release();

    expect(lease?.running).toBe(2);
    const id = heard[0]?.update.values[':lease']?.SS ?? [];
    expect(id).toEqual([expect.stringMatching(/^1000005001:[\w-]{36}$/)]);
    expect(heard.map(({ update }) => update)).toEqual([
      {
        update: 'ADD leases :lease SET expires_at = :expires',
        condition: 'attribute_not_exists(leases) OR size(leases) < :max',
        values: { ':lease': { SS: id }, ':max': { N: '2' }, ':expires': { N: '1000066' } },
      },
      { update: 'DELETE leases :leases', values: { ':leases': { SS: id } } },
    ]);
    expect(heard[1]?.key).toBe(heard[0]?.key);
  });

  test('where all places are taken, those whose time is over are freed', async () => {
    const [over, lasting] = [`${nowMs}:a`, `${nowMs + 1}:b`];
    const { store, heard } = open(undefined, held(over, lasting), {}, held('c', lasting));

    expect(await store.acquire('a', { max: 2, expiresMs })).toMatchObject({ running: 2 });
    expect(heard[1]?.update).toEqual({
      update: 'SET expires_at = :expires',
      values: { ':expires': { N: '1000066' } },
    });
    expect(heard[2]?.update.values).toEqual({ ':leases': { SS: [over] } });
  });

  test.each([
    ['lasts', [undefined, held(`${nowMs + 1}:a`)], 2],
    ['is gone in the meantime', [undefined, {}], 2],
    ['was over, and was taken by another request', [undefined, held('1:a'), {}, undefined], 4],
  ])('there is no place where each %s', async (_, answers, updates) => {
    const { store, heard } = open(...(answers as Item[]));

    expect(await store.acquire('a', { max: 2, expiresMs })).toBeUndefined();
    expect(heard).toHaveLength(updates);
  });
});

test('each kind of limit has items of its own', async () => {
  const { table, heard } = createTable({}, { leases: { SS: ['a'] } }, {});
  const options = { owner: 'x', table, now };
  await createBucketStore({ rate: 1, burst: 0 }, options).pour('a');
  await createLeaseStore(options).acquire('a', { max: 1, expiresMs: nowMs });
  const limit = { count: 1, windowMs: 1000 };
  await createCountStore({ ...ungrouped, ...options }).take('a', limit);

  expect(new Set(heard.map(({ key }) => key)).size).toBe(3);
});

test('a limit without a store to share counts its group by itself', async () => {
  const limit = { count: 1, windowMs: 1000 };
  const options = { ...ungrouped, group: 'g', owner: 'x', table: undefined, now };
  const store = createCountStore(options);
  const taken = [await store.take('a', limit), await store.take('a', limit)];

  expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([true, false]);
});
