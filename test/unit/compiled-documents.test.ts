/** What a refresh does with the documents in use: how much of it at a stretch, and which of them it compiles. */
import { createCompiledDocuments } from '../../functions/proxy/routes/snapshot/compiled-documents.ts';
import type { DocumentRecord } from '../../functions/proxy/routes/snapshot/format.ts';
import { readSnapshot, type Snapshot } from '../../functions/proxy/routes/snapshot/read.ts';
import { writeSnapshot } from '../../functions/publisher/write-snapshot.ts';

const root = '/root';

/** @param editions of each document */
function toSnapshot(editions: readonly number[]): Promise<Snapshot> {
  const documents = editions.map((edition, place): DocumentRecord => {
    const id = String(place).padStart(5, '0');
    return {
      ...{ parameter: `${root}/routes/${id}`, version: 1, text: '{}', routes: [] },
      digest: `${id} ${edition}`,
    };
  });
  return readSnapshot(
    writeSnapshot({ root, documents, notes: {}, invalid: 0, origin: undefined }).finish({
      ...{ sequence: 1, time: '2026-11-28T00:00:00.000Z' },
    }),
    root,
  );
}

/** Compiles all documents of a snapshot, and then takes another one. */
async function renew(before: Snapshot, after: Snapshot, count: number) {
  const compiled: string[] = [];
  const documents = createCompiledDocuments(async ({ parameter }) => {
    compiled.push(parameter);
    return undefined;
  });
  for (let place = 0; place < count; place += 1) await documents.get(before, place);
  compiled.length = 0;
  let turns = 0;
  await documents.renew(after, async () => {
    turns += 1;
  });
  return { compiled, turns };
}

test.each([
  [100, 1],
  [1000, 10],
  [2000, 20],
])('%d documents that stay the same are compared in %d slices', async (count, slices) => {
  const snapshot = await toSnapshot(Array<number>(count).fill(0));
  const same = await toSnapshot(Array<number>(count).fill(0));

  expect(await renew(snapshot, same, count)).toEqual({ compiled: [], turns: slices });
});

test('each document that changed is compiled in a slice of its own, and no other', async () => {
  const before = await toSnapshot(Array<number>(50).fill(0));
  const after = await toSnapshot(Array.from({ length: 50 }, (_, place) => Number(place < 7)));
  const { compiled, turns } = await renew(before, after, 50);

  expect(turns).toBe(7);
  expect(compiled).toEqual(Array.from({ length: 7 }, (_, place) => `${root}/routes/0000${place}`));
});

test('documents that are gone are not compiled', async () => {
  const before = await toSnapshot([0, 0, 0]);
  const after = await toSnapshot([0]);

  expect(await renew(before, after, 3)).toEqual({ compiled: [], turns: 0 });
});
