import { nextTurn } from '../../functions/proxy/http/background.ts';
import type { CompiledDocuments } from '../../functions/proxy/routes/snapshot/compiled-documents.ts';
import { createSnapshotLoader } from '../../functions/proxy/routes/snapshot/load.ts';
import type { Snapshot } from '../../functions/proxy/routes/snapshot/read.ts';
import type { ObjectStore } from '../../functions/proxy/send/object-store.ts';
import { rejectionOf } from '../support/builders.ts';

type Found = Awaited<ReturnType<ObjectStore['read']>>;

/** A snapshot without routes or consumers. */
function toSnapshot(sequence: number, documents = 0): Snapshot {
  const header = {
    table: `table-${sequence}`,
    sequence,
    consumers: [],
    secretParameters: [],
    invalid: 0,
    summary: { documents },
  };
  return { header, index: { words: new Int32Array(8), names: '' } } as unknown as Snapshot;
}

/** A loader whose object the test puts by hand. */
function createRig() {
  const asked: (string | undefined)[] = [];
  const compiled: number[] = [];
  const turns: unknown[] = [];
  const order: string[] = [];
  const ownTurn = async () => void order.push('turn');
  const renewed: number[] = [];
  let found: Found = 'missing';
  let snapshot = toSnapshot(1);
  const documents: CompiledDocuments = {
    get: async (_, place) => {
      compiled.push(place);
      return undefined;
    },
    renew: async ({ header }) => {
      renewed.push(header.sequence);
    },
    pools: () => new Set(),
  };
  const store = {
    read: async (etag?: string) => {
      asked.push(etag);
      order.push('read');
      return found;
    },
  } as unknown as ObjectStore;
  const load = createSnapshotLoader({
    root: '/root',
    store,
    uri: 's3://bucket/key',
    key: undefined,
    documents,
    hasOriginSecret: false,
    now: () => 0,
    unpack: async (_, turn) => {
      turns.push(turn);
      return snapshot;
    },
    background: { begin: () => ownTurn } as never,
  });
  return {
    load,
    asked,
    turns,
    order,
    ownTurn,
    compiled,
    renewed,
    answer: (given: Found) => {
      found = given;
    },
    put: (given: Snapshot, etag: string) => {
      snapshot = given;
      found = { bytes: Buffer.alloc(0), etag } as Found;
    },
  };
}

test.each(['missing', 'same'] as const)(
  'where the object is %s and there is no table, the routes are unavailable, which names the object',
  async (answer) => {
    const { load, answer: give } = createRig();
    give(answer);

    expect(await rejectionOf(load(undefined))).toMatchObject({
      code: 'ROUTES_UNAVAILABLE',
      message: 'no snapshot has been published yet: s3://bucket/key',
    });
  },
);

test('the first table is read without a condition, the next one only if the object is another', async () => {
  const { load, put, answer, asked } = createRig();
  put(toSnapshot(1), 'etag-1');
  const first = await load(undefined);
  answer('same');

  expect(await load(first)).toBe(first);
  expect(first).toMatchObject({ version: 'table-1', sequence: 1 });
  expect(asked).toEqual([undefined, 'etag-1']);
});

test('the request that a refresh begins with goes before it', async () => {
  const { load, put, order } = createRig();
  put(toSnapshot(1), 'etag-1');
  await load(await load(undefined));

  expect(order).toEqual(['read', 'turn', 'read']);
});

test('a table that was given up is read whole, though its object was seen', async () => {
  const { load, put, asked } = createRig();
  put(toSnapshot(1), 'etag-1');
  await load(undefined);
  await load(undefined);

  expect(asked).toEqual([undefined, undefined]);
});

test('an object that vanished is no table, even where there is one', async () => {
  const { load, put, answer } = createRig();
  put(toSnapshot(1), 'etag-1');
  const first = await load(undefined);
  answer('missing');

  expect(await rejectionOf(load(first))).toMatchObject({ code: 'ROUTES_UNAVAILABLE' });
});

test('a later snapshot replaces the table, and one with the same number may', async () => {
  const { load, put, asked, renewed, compiled, turns, ownTurn } = createRig();
  put(toSnapshot(5, 2), 'etag-5');
  const first = await load(undefined);
  compiled.length = 0;
  put(toSnapshot(6, 2), 'etag-6');
  const second = await load(first);
  put(toSnapshot(6, 2), 'etag-7');
  const third = await load(second);

  expect([second.sequence, third.sequence]).toEqual([6, 6]);
  expect(asked).toEqual([undefined, 'etag-5', 'etag-6']);
  expect([renewed, compiled]).toEqual([[6, 6], []]);
  // Only what is read beside requests stands back for them.
  expect(turns).toEqual([nextTurn, ownTurn, ownTurn]);
});

test('an older snapshot never replaces a newer one, and is asked about again', async () => {
  const { load, put, asked, renewed } = createRig();
  put(toSnapshot(5), 'etag-5');
  const first = await load(undefined);
  put(toSnapshot(4), 'etag-4');

  expect(await rejectionOf(load(first))).toMatchObject({
    name: 'SnapshotError',
    message: 'the snapshot has sequence 4, and 5 is in force already',
  });
  await rejectionOf(load(first));
  expect(asked).toEqual([undefined, 'etag-5', 'etag-5']);
  expect(renewed).toEqual([]);
});

test.each([
  [0, 0],
  [3, 3],
  [16, 16],
  [17, 0],
])('of %d documents, %d are compiled ahead', async (documents, expected) => {
  const { load, put, compiled, renewed } = createRig();
  put(toSnapshot(1, documents), 'etag');
  await load(undefined);

  expect(compiled).toEqual(Array.from({ length: expected }, (_, place) => place));
  expect(renewed).toEqual([]);
});

test('bytes that are no snapshot are refused', async () => {
  const load = createSnapshotLoader({
    root: '/root',
    store: { read: async () => ({ bytes: Buffer.from('x'), etag: 'e' }) } as unknown as ObjectStore,
    uri: 's3://bucket/key',
    key: undefined,
    documents: {} as CompiledDocuments,
    hasOriginSecret: false,
    now: () => 0,
  });

  expect(await rejectionOf(load(undefined))).toMatchObject({ name: 'SnapshotError' });
});
