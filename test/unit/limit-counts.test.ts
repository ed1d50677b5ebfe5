/** Counts of limits: what is counted together, when a refused request may pass, and which items a table gets. */

import { forget } from '../../functions/proxy/chain/kept-state.ts';
import { createShare } from '../../functions/proxy/chain/share.ts';
import { limitCount } from '../../functions/proxy/plugins/traffic/limit-count.ts';
import { createCountStore } from '../../functions/proxy/plugins/traffic/limits/count-store.ts';
import { toItemKey } from '../../functions/proxy/plugins/traffic/limits/table.ts';
import { createListeningTable, prepareLimit } from '../support/limit-rig.ts';

const alone = { settings: {}, owner: 'x', table: undefined, share: undefined, group: undefined };
const limit = { count: 1, windowMs: 1000 };
const now = () => 1_000_000;

test('a sliding window of limit-count weighs what was before', async () => {
  const { ask, clock } = prepareLimit(limitCount, {
    ...{ count: 2, time_window: 1000, window_type: 'sliding' },
  });
  await ask();
  await ask();
  clock.ms += 1_000_000;

  await expect(ask()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test.each(['g', undefined])(
  'sliding and fixed limits count apart, also in the group %s',
  async (group) => {
    const share = createShare();
    const stores = [true, false].map((isSliding) =>
      createCountStore({ ...alone, now, share, group, isSliding }),
    );
    for (const store of stores)
      expect(await store.take('a', limit)).toMatchObject({ isAllowed: true });
  },
);

test.each([true, false])('each name and length has a window (sliding: %s)', async (isSliding) => {
  const store = createCountStore({ ...alone, now, isSliding });
  const takes = [await store.take('a', limit), await store.take('b', limit)];
  takes.push(await store.take('a', { ...limit, windowMs: 2000 }), await store.take('a', limit));

  expect(takes.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false]);
});

test('a sliding window that refuses says when enough has gone by, and no more than what is left of it', async () => {
  let nowMs = 1_000_000;
  const store = createCountStore({ ...alone, isSliding: true, now: () => nowMs });
  const take = (count: number) => store.take('a', { count, windowMs: 1000 });
  for (let index = 0; index < 10; index += 1) await take(10);
  nowMs += 1200;
  for (let index = 0; index < 2; index += 1) await take(10);

  expect(await take(10)).toMatchObject({ isAllowed: false, resetMs: 100 });
  expect(await take(2)).toMatchObject({ isAllowed: false, resetMs: 800 });
});

test('items of a table are those of their kind, their owner or group, and their window', async () => {
  const { table, heard } = createListeningTable({ hits: { N: '0' } });
  for (const isSliding of [true, false]) {
    for (const group of [undefined, 'x']) {
      const parts = { ...alone, table, isSliding, group, now: () => 1_000_400 };
      await createCountStore(parts).take('a', limit);
    }
  }

  const keys = ['owner', 'group'].flatMap((scope) => [
    toItemKey('limit-count', 'sliding', scope, 'x', 1000, 1_000_000, 'a'),
    toItemKey('limit-count', 'sliding', scope, 'x', 1000, 1_001_000, 'a'),
    toItemKey('limit-count', scope, 'x', 1000, 1_001_000, 'a'),
  ]);
  expect(new Set(heard.map(({ key }) => key))).toEqual(new Set(keys));
  const expiries = heard.map(({ update }) => Number(update.values[':expires']?.N));
  // The window that is weighed is read for another second.
  expect(new Set(expiries.slice(0, 4))).toEqual(new Set([(expiries[4] ?? 0) + 1]));
  expect(heard[0]?.update.values[':none']).toEqual({ N: '0' });
});

test('of counts that are kept only those that are gone are forgotten', () => {
  const held = { deref: () => ({}) };
  const gone = { deref: () => undefined };
  const kept = new Map<string, { deref: () => object | undefined }>(Object.entries({ held, gone }));
  for (const text of ['held', 'gone', 'unknown']) forget(kept, text);

  expect([...kept.keys()]).toEqual(['held']);
});
