/** The bytes of a snapshot: what a refresh does with all of them is bounded, and each document can be read by itself. */
import { gzipSync } from 'node:zlib';
import {
  maxSnapshotBytes,
  packSnapshot,
  type SnapshotKey,
  unpackSnapshot,
} from '../../functions/proxy/routes/snapshot/envelope.ts';
import type {
  DocumentRecord,
  SnapshotHeader,
} from '../../functions/proxy/routes/snapshot/format.ts';
import { readSnapshot, SnapshotError } from '../../functions/proxy/routes/snapshot/read.ts';
import { sliceBytes } from '../../functions/proxy/routes/snapshot/slices.ts';
import { writeSnapshot } from '../../functions/publisher/write-snapshot.ts';
import { rejectionOf } from '../support/builders.ts';
import { wholeTest } from '../support/sample.ts';

const each = 'the length of each section';
const middle = 'ends in the middle of a number';

type Lengths = SnapshotHeader['sections'];

const root = '/root';
const publication = { sequence: 1, time: '2026-11-28T00:00:00.000Z' };

function toRecord(place: number, textBytes: number): DocumentRecord {
  const id = String(place).padStart(5, '0');
  const text = JSON.stringify({ id, desc: 'x'.repeat(textBytes) });
  return {
    parameter: `${root}/routes/${id}`,
    version: 1,
    digest: `digest ${id}`,
    text,
    routes: [],
  };
}

function write(documents: readonly DocumentRecord[], notes: unknown = {}): Buffer {
  return writeSnapshot({ root, documents, notes, invalid: 0, origin: undefined }).finish(
    publication,
  );
}

async function countTurns(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return turns;
}

test.each<[what: string, sizes: readonly number[]]>([
  ['none', []],
  ['one', [10]],
  ['many', Array.from({ length: 300 }, (_, place) => place)],
  ['one that is longer than a block, between short ones', [5, 60_000, 5, 5]],
])('each document is read by itself, in any order: %s', async (_, sizes) => {
  const documents = sizes.map((size, place) => toRecord(place, size));
  const notes = { [`${root}/routes/00000`]: { version: 1 } };
  const snapshot = await readSnapshot(write(documents, notes), root);

  for (const place of [...documents.keys()].reverse()) {
    expect(snapshot.documentAt(place)).toEqual(documents[place]);
    expect(snapshot.findDocument(documents[place]?.parameter ?? '')).toBe(place);
  }
  expect(snapshot.notes).toEqual(notes);
});

test.each([0, 1, 2, 3])(
  'the numbers of a snapshot are read where they are, whatever its header: %d bytes longer',
  async (more) => {
    const documents = [toRecord(0, 10)];
    const bytes = writeSnapshot({
      ...{ root: `${root}${'x'.repeat(more)}`, documents, notes: {}, invalid: 0 },
      origin: undefined,
    }).finish(publication);
    const snapshot = await readSnapshot(bytes, `${root}${'x'.repeat(more)}`);

    expect((bytes.indexOf('\n') + 1) % 4).toBe(0);
    expect(snapshot.index.words.buffer).toBe(bytes.buffer);
  },
);

test.each([1, 2, 3])(
  'numbers that do not begin at a multiple of their size are copied: %d bytes behind it',
  async (shift) => {
    const bytes = write([toRecord(0, 10), toRecord(1, 10)]);
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
    const snapshot = await readSnapshot(shifted, root);

    expect(snapshot.documentAt(1)).toEqual(toRecord(1, 10));
    expect(snapshot.findDocument(`${root}/routes/00001`)).toBe(1);
  },
);

test('texts take a fraction of their length: a refresh neither decompresses nor hashes them', () => {
  const small = write(Array.from({ length: 500 }, (_, place) => toRecord(place, 0)));
  const large = write(Array.from({ length: 500 }, (_, place) => toRecord(place, 1000)));

  expect(large.length - small.length).toBeLessThan((500 * 1000) / 20);
});

test('the sections of another build are refused', async () => {
  const bytes = write([toRecord(0, 10)]);
  const line = bytes.subarray(0, bytes.indexOf('\n')).toString().replace('"blocks"', '"others"');
  const others = Buffer.concat([Buffer.from(line), bytes.subarray(bytes.indexOf('\n'))]);

  expect(await rejectionOf(readSnapshot(others, root))).toBeInstanceOf(SnapshotError);
});

type Relength = (own: Lengths) => Partial<Lengths>;

test.each<[what: string, toLengths: Relength, reason: string]>([
  ['negative', ({ names, texts }) => ({ names: -1, texts: texts + names + 1 }), each],
  ['no whole number', ({ names, texts }) => ({ names: names + 0.5, texts: texts - 0.5 }), each],
  [
    'no whole number of numbers',
    ({ index, texts }) => ({ index: index + 1, texts: texts - 1 }),
    middle,
  ],
])(
  'a length of a section that is %s is refused, although the sum fits',
  async (_, toLengths, reason) => {
    const bytes = write([toRecord(0, 10)]);
    const end = bytes.indexOf('\n');
    const header = JSON.parse(bytes.subarray(0, end).toString()) as SnapshotHeader;
    const sections = { ...header.sections, ...toLengths(header.sections) };
    const line = Buffer.from(JSON.stringify({ ...header, sections }));
    const failure = await rejectionOf(
      readSnapshot(Buffer.concat([line, bytes.subarray(end)]), root),
    );

    expect(failure).toBeInstanceOf(SnapshotError);
    expect(String(failure)).toContain(reason);
  },
);

wholeTest(
  'a snapshot of more bytes than a proxy has room for is neither written nor read',
  async () => {
    const large = Buffer.alloc(maxSnapshotBytes + 1);
    const reading = unpackSnapshot(gzipSync(large, { level: 1 }), { root, key: undefined });
    const message = /expected at most 83886080 bytes/;

    expect(String(await rejectionOf(reading))).toMatch(message);
    expect(
      String(await rejectionOf(packSnapshot(large, { root, sequence: 1 }, undefined))),
    ).toMatch(message);
  },
);

describe('unpacking', () => {
  const bytes = Buffer.alloc(3 * 1024 * 1024, 'a snapshot');

  test('has room for all bytes at once, so that zlib works in its own thread to the end', async () => {
    const unpacked = await unpackSnapshot(gzipSync(bytes), { root, key: undefined });

    expect(unpacked.equals(bytes)).toBe(true);
    // Chunks that are joined would have no room left.
    expect(unpacked.buffer.byteLength).toBe(bytes.length + 1);
  });

  test.each<[what: string, stored: Buffer]>([
    ['too short', Buffer.concat([gzipSync(bytes), gzipSync('b')])],
    ['of nothing', Buffer.concat([gzipSync(bytes), gzipSync('')])],
  ])('a length at the end that is %s changes nothing', async (_, stored) => {
    const unpacked = await unpackSnapshot(stored, { root, key: undefined });

    expect(unpacked.subarray(0, bytes.length).equals(bytes)).toBe(true);
  });

  test.each<[what: string, stored: Buffer]>([
    [
      'promises four gigabytes',
      Buffer.concat([gzipSync(bytes).subarray(0, -4), Buffer.alloc(4, 0xff)]),
    ],
    ['is cut', gzipSync(bytes).subarray(0, 1000)],
    ['is two bytes long', gzipSync(bytes).subarray(0, 2)],
  ])('what %s is damaged', async (_, stored) => {
    const failure = rejectionOf(unpackSnapshot(stored, { root, key: undefined }));

    expect(await failure).toBeInstanceOf(SnapshotError);
  });
});

test('hashing and decrypting leave the event loop to requests in between', async () => {
  const dataKey = Buffer.alloc(32, 7);
  const key: SnapshotKey = {
    id: 'key',
    service: {
      generateDataKey: async () => ({ plaintext: dataKey, encrypted: 'c2VhbGVk' }),
      decrypt: async () => dataKey,
    },
  };
  // Random, so that it is as long when it is compressed.
  const texts = Array.from({ length: 40 }, (_, place) => toRecord(place, 0));
  const noise = Array.from({ length: 200_000 }, () => Math.random());
  const bytes = write(texts, noise);
  const packed = await packSnapshot(bytes, { root, sequence: 1 }, key);
  const decrypting = await countTurns(() => unpackSnapshot(packed, { root, key }));
  const hashing = await countTurns(() => readSnapshot(bytes, root));

  expect(bytes.length).toBeGreaterThan(4 * sliceBytes);
  expect(hashing).toBeGreaterThanOrEqual(Math.floor(bytes.length / sliceBytes));
  expect(decrypting).toBeGreaterThanOrEqual(Math.floor(packed.length / sliceBytes));
});
