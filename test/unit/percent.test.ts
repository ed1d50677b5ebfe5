import { toWirePath } from '../../functions/proxy/http/path.ts';
import { encodeBytes, toByteTable } from '../../functions/proxy/http/percent.ts';

const kept = 'abc/~';

/** Byte by byte, as RFC 3986 §2.1 has it. */
function encodeSlowly(bytes: Buffer): string {
  const encode = (byte: number) => {
    const character = String.fromCharCode(byte);
    if (kept.includes(character)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  };
  return Array.from(bytes, encode).join('');
}

test.each([0, 1, 256, 8191, 8192, 8193, 16_384, 20_000])(
  'of %i bytes each one is kept or becomes its escape',
  (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 256));
    const escapesAlone = Buffer.alloc(length, '<');

    expect(encodeBytes(bytes, toByteTable(kept))).toBe(encodeSlowly(bytes));
    expect(encodeBytes(escapesAlone, toByteTable(kept))).toBe('%3C'.repeat(length));
  },
);

test('a megabyte is encoded in memory that is there already', () => {
  const bytes = Buffer.alloc(1_000_000, '<>');
  const allocations = [
    jest.spyOn(Buffer, 'alloc'),
    jest.spyOn(Buffer, 'allocUnsafe'),
    jest.spyOn(Buffer, 'from'),
  ];

  encodeBytes(bytes, toByteTable(kept));

  expect(allocations.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
  jest.restoreAllMocks();
});

test('a path with everything that cannot stand in it is encoded in one pass', () => {
  const passes = jest.spyOn(Buffer, 'from');

  const path = toWirePath('/é#? a');

  expect([path, passes.mock.calls.length]).toEqual(['/%C3%A9%23%3F%20a', 1]);
  jest.restoreAllMocks();
});

test('a path of which enough is encoded is encoded no further', () => {
  const whole = '?'.repeat(1_000_000);
  const part = toWirePath(whole, 10_000);

  // One slice of 8 KB, or two: neither all of it nor less than it takes to see that it is too long.
  expect(part.length).toBeGreaterThan(10_000);
  expect(part.length).toBeLessThan(100_000);
  expect(toWirePath('/a?b', 10_000)).toBe('/a%3Fb');
});
