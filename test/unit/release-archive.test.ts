/** Zips of a release: the same files make the same bytes. */
import { unzipSync } from 'fflate';
import { toZip } from '../../release/archive.ts';

const text = (content: string) => new TextEncoder().encode(content);

test('neither the order of the files nor the time is in the bytes', () => {
  const one = toZip({ 'index.mjs': text('1'), 'a/b.mjs': text('2') });
  const other = toZip({ 'a/b.mjs': text('2'), 'index.mjs': text('1') });

  expect(Buffer.from(one).equals(other)).toBe(true);
  expect(Object.keys(unzipSync(one))).toEqual(['a/b.mjs', 'index.mjs']);
  // MS-DOS has a date behind a time: the first of January 1980, at midnight.
  expect(Buffer.from(one).readUInt32LE(10)).toBe(0x00210000);
});

test('every file is an ordinary one that all may read', () => {
  const zip = Buffer.from(toZip({ 'index.mjs': text('1') }));
  const entry = zip.indexOf('PK\x01\x02', 0, 'latin1');

  expect(zip.readUInt8(entry + 5)).toBe(3);
  expect(zip.readUInt32LE(entry + 38) >>> 16).toBe(0o100644);
});
