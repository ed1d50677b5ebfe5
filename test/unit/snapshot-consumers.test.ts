/** The consumers of a snapshot: those of documents that stay the same cost a refresh a look each, in short slices. */
import type { Consumer } from '../../functions/proxy/chain/exchange.ts';
import type { CompiledDocument } from '../../functions/proxy/routes/compile.ts';
import { createConsumers } from '../../functions/proxy/routes/consumers.ts';
import { createCompiledDocuments } from '../../functions/proxy/routes/snapshot/compiled-documents.ts';
import type { DocumentRecord } from '../../functions/proxy/routes/snapshot/format.ts';
import { readSnapshot, type Snapshot } from '../../functions/proxy/routes/snapshot/read.ts';
import { toSnapshotTable } from '../../functions/proxy/routes/snapshot/snapshot-table.ts';
import { writeSnapshot } from '../../functions/publisher/write-snapshot.ts';

const root = '/root';

interface State {
  readonly edition: number;
  readonly isAvailable?: boolean;
}

/** A snapshot that counts how many documents are parsed. */
async function toSnapshot(states: readonly State[]) {
  const documents = states.map(({ edition, isAvailable = true }, place): DocumentRecord => {
    const username = `user${String(place).padStart(5, '0')}`;
    return {
      ...{ parameter: `${root}/consumers/${username}`, version: 1, routes: [] },
      ...{ digest: `${username} ${edition}`, text: JSON.stringify({ edition }) },
      consumers: [{ username, isAvailable }],
    };
  });
  const written = writeSnapshot({ root, documents, notes: {}, invalid: 0, origin: undefined });
  const bytes = written.finish({ sequence: 1, time: '2026-11-28T00:00:00.000Z' });
  const read = await readSnapshot(bytes, root);
  const count = { parsed: 0 };
  const snapshot: Snapshot = {
    ...read,
    notes: undefined,
    documentAt(place) {
      count.parsed += 1;
      return read.documentAt(place);
    },
  };
  return { snapshot, count };
}

function createRig() {
  const documents = createCompiledDocuments(async ({ parameter, text, consumers = [] }) => {
    const list = consumers.map(({ username }): Consumer => {
      const key = `${username} ${JSON.parse(text).edition}`;
      return {
        ...{ username, parameter, labels: {}, plugins: [], isAvailable: true },
        ...{ identityHeaders: [], credentials: new Map([['key-auth', { key, settings: {} }]]) },
      };
    });
    return { routes: [], consumers: list } as unknown as CompiledDocument;
  });
  const options = { documents, hasOriginSecret: false, conditions: new Map() };
  const kept = { ...options, consumers: new WeakMap() };
  const turns = { count: 0 };
  const turn = async () => {
    turns.count += 1;
  };
  return { turns, documents, take: (snapshot: Snapshot) => toSnapshotTable(snapshot, kept, turn) };
}

const same = (count: number) => Array<State>(count).fill({ edition: 0 });

test.each([
  [99, 0],
  [250, 2],
  [500, 5],
])('of %d documents of consumers a hundred are looked up at a stretch', async (count, expected) => {
  const { take, turns } = createRig();
  await take((await toSnapshot(same(count))).snapshot);

  expect(turns.count).toBe(expected);
});

test('a refresh parses the consumers that changed, and no others', async () => {
  const { take, documents } = createRig();
  await take((await toSnapshot(same(50))).snapshot);
  const states = same(50).with(7, { edition: 1 });
  const { snapshot, count } = await toSnapshot(states);
  await documents.renew(snapshot, async () => {});
  const { consumers } = await take(snapshot);

  // Once to compile the document, and once for its consumers.
  expect(count.parsed).toBe(2);
  expect(consumers.find('key-auth', 'user00007 1')?.consumer.username).toBe('user00007');
  expect(consumers.find('key-auth', 'user00007 0')).toBeUndefined();
  expect(consumers.find('key-auth', 'user00006 0')?.consumer.username).toBe('user00006');
});

test('a consumer that was refused is not kept as it was, and comes back', async () => {
  const { take, documents } = createRig();
  const found: (string | undefined)[] = [];
  for (const isAvailable of [true, false, true]) {
    const { snapshot } = await toSnapshot([{ edition: 0, isAvailable }]);
    await documents.renew(snapshot, async () => {});
    const { consumers } = await take(snapshot);
    found.push(consumers.find('key-auth', 'user00000 0')?.consumer.username);
  }

  expect(found).toEqual(['user00000', undefined, 'user00000']);
});

test('a consumer that is gone is no longer found', async () => {
  const { take, documents } = createRig();
  await take((await toSnapshot(same(3))).snapshot);
  const { snapshot } = await toSnapshot(same(2));
  await documents.renew(snapshot, async () => {});
  const { consumers } = await take(snapshot);

  expect(consumers.find('key-auth', 'user00002 0')).toBeUndefined();
  expect(consumers.find('key-auth', 'user00001 0')?.consumer.username).toBe('user00001');
});

test('a key is hashed once, in however many tables its consumer is', () => {
  let read = 0;
  const credential = {
    settings: {},
    get key() {
      read += 1;
      return 'secret';
    },
  };
  const consumer: Consumer = {
    ...{ username: 'one', parameter: `${root}/consumers/one`, labels: {}, plugins: [] },
    ...{ isAvailable: true, identityHeaders: [] },
    credentials: new Map([
      ['key-auth', credential],
      ['jwt-auth', { settings: {}, key: 'secret' }],
    ]),
  };
  const tables = [1, 2, 3].map(() => createConsumers([consumer]));

  expect(read).toBe(1);
  for (const table of tables) {
    expect(table.find('key-auth', 'secret')?.consumer).toBe(consumer);
    expect(table.find('jwt-auth', 'secret')?.consumer).toBe(consumer);
  }
});

test('one credential for two plugins has a digest for each', () => {
  const credential = { settings: {}, key: 'secret' };
  const consumer: Consumer = {
    ...{ username: 'one', parameter: `${root}/consumers/one`, labels: {}, plugins: [] },
    ...{ isAvailable: true, identityHeaders: [] },
    credentials: new Map([
      ['key-auth', credential],
      ['jwt-auth', credential],
    ]),
  };
  const table = createConsumers([consumer]);

  expect(table.find('key-auth', 'secret')?.consumer).toBe(consumer);
  expect(table.find('jwt-auth', 'secret')?.consumer).toBe(consumer);
});
