/** Consumers that lack something are nobody, in warm and fresh environments alike. */
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { createTableRig, invalidLines, root } from '../support/table-rig.ts';

const consumer = `${root}/consumers/ann`;
const keyed = (key: string) => ({ username: 'ann', plugins: { 'key-auth': { key } } });
const find = (table: RouteTable, key: string) => table.consumers.find('key-auth', key);

test('a consumer whose secret is missing is refused with its old and its new key, in warm and new environments', async () => {
  // Prepare
  const { store, load, createLoad, log } = createTableRig();
  store.put(consumer, keyed('LEAKED'));
  store.put(`${root}/secrets/ann`, 'NEW');
  store.put(consumer, keyed('$secret://ssm/ann'));
  const first = await load(undefined);
  expect(find(first, 'NEW')).toBeDefined();

  // Act
  store.remove(`${root}/secrets/ann`);
  const warm = await load(first);
  const fresh = await createLoad()(undefined);
  store.put(`${root}/secrets/ann`, 'NEW');
  const back = await load(warm);

  // Assess
  for (const table of [warm, fresh]) {
    expect([find(table, 'LEAKED'), find(table, 'NEW')]).toEqual([undefined, undefined]);
    expect(table.consumers.findByName('ann')).toBeUndefined();
  }
  expect(warm.version).toBe(fresh.version);
  expect(find(back, 'NEW')).toBeDefined();
  expect(find(back, 'LEAKED')).toBeUndefined();
  expect(invalidLines(log)[0]).toMatchObject({
    message: 'a document cannot be fulfilled; consumer ann is refused',
    fields: { inForce: null, unavailableConsumers: ['ann'] },
  });
});

test('a refused consumer keeps its name and its other keys from others', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(consumer, {
    username: 'ann',
    plugins: {
      'key-auth': { key: 'shared' },
      'basic-auth': { username: 'a', password: '$env://COUNTERSIGN_VAR_P' },
    },
  });
  store.put(`${root}/consumers/ann2`, keyed('other'));
  store.put(`${root}/consumers/bob`, {
    username: 'bob',
    plugins: { 'key-auth': { key: 'shared' } },
  });

  // Act
  const table = await load(undefined);

  // Assess
  expect(table.consumers.findByName('ann')).toBeUndefined();
  expect([find(table, 'shared'), find(table, 'other')]).toEqual([undefined, undefined]);
  expect(table.consumers.findByName('bob')).toBeDefined();
});

test('one consumer of an array is refused, and the others are not', async () => {
  // Prepare
  const { store, load } = createTableRig();
  store.put(consumer, [
    keyed('$secret://ssm/gone'),
    { username: 'bob', plugins: { 'key-auth': { key: 'bobs' } } },
  ]);

  // Act
  const table = await load(undefined);

  // Assess
  expect(table.consumers.findByName('ann')).toBeUndefined();
  expect(find(table, 'bobs')?.consumer.username).toBe('bob');
});

test('a consumer is refused if its own limit has no table to count in', async () => {
  // Prepare
  const { store, load } = createTableRig();
  const { plugins } = keyed('k');
  const limit = { count: 1, time_window: 60, policy: 'dynamodb' };

  // Act
  store.put(consumer, { username: 'ann', plugins: { ...plugins, 'limit-count': limit } });
  const table = await load(undefined);

  // Assess
  expect(find(table, 'k')).toBeUndefined();
});

test('the names that plugins of a consumer set, and of a route read, hold while either lacks something', async () => {
  // Prepare
  const { store, load } = createTableRig();
  const authorizer = { uri: '$secret://ssm/gone', upstream_headers: ['X-Level', 'X_Rank'] };
  store.put(consumer, {
    username: 'ann',
    plugins: { 'key-auth': { key: 'k' }, 'forward-auth': authorizer },
  });
  store.put(`${root}/routes/a`, {
    uri: '/a',
    plugins: { 'key-auth': { query: 'ticket' }, 'forward-auth': { uri: '$secret://ssm/gone' } },
  });

  // Act
  const table = await load(undefined);

  // Assess
  expect([...table.consumers.reserved]).toEqual(['x-level', 'x-rank']);
  expect([...table.secretParameters]).toEqual(['ticket']);
});
