/**
 * Percent-encoding (RFC 3986 §2.1) of texts that are bytes in Latin-1, and what else is done to each byte of them. Loops over
 * bytes: a string's replacements take ten times as long, and a client may send a million escapes or blanks.
 */

const percent = 0x25;
const slash = 0x2f;
const hexDigits = '0123456789ABCDEF';

/** By byte: what is written for it, in the lower three bytes, and how many of them count, in the highest. */
export type ByteTable = Uint32Array;

/** Bytes at a time: what they become is written into the same memory, since fresh memory costs more than the encoding. */
const sliceBytes = 8192;
/** Each byte becomes three at most, and the last one is written as four. */
const slice = Buffer.alloc(sliceBytes * 3 + 1);
const sliceView = new DataView(slice.buffer, slice.byteOffset, slice.length);

/** @param kept ASCII characters that stay as they are; all others become escapes */
export function toByteTable(kept: string): ByteTable {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < table.length; byte += 1) {
    const [high, low] = [hexDigits.charCodeAt(byte >> 4), hexDigits.charCodeAt(byte & 15)];
    table[byte] = (3 << 24) | (low << 16) | (high << 8) | percent;
  }
  for (let place = 0; place < kept.length; place += 1) {
    const byte = kept.charCodeAt(place);
    table[byte] = (1 << 24) | byte;
  }
  return table;
}

/**
 * @param enough characters after which it may stop: the caller refuses what is longer
 * @returns ASCII: each byte that the table does not keep as an escape, `%` too
 */
export function encodeBytes(
  bytes: Uint8Array,
  table: ByteTable,
  enough = Number.POSITIVE_INFINITY,
): string {
  let encoded = '';
  for (let start = 0; start < bytes.length && encoded.length <= enough; start += sliceBytes) {
    const end = Math.min(start + sliceBytes, bytes.length);
    let length = 0;
    for (let index = start; index < end; index += 1) {
      const entry = table[bytes[index] as number] as number;
      // One write for what is one or three bytes long: the next one begins where it ends.
      sliceView.setUint32(length, entry, true);
      length += entry >>> 24;
    }
    encoded += slice.toString('latin1', 0, length);
  }
  return encoded;
}

/**
 * Fills every byte of one value with another one; a megabyte of them would be a million replacements for a string.
 *
 * @returns the same bytes
 */
export function replaceByte(bytes: Buffer, from: number, to: number): Buffer {
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index] === from) bytes[index] = to;
  }
  return bytes;
}

/** @returns the bytes, in the same memory, with each run of one value made one of it */
export function foldRuns(bytes: Buffer, value: number): Buffer {
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === value && length > 0 && bytes[length - 1] === value) continue;
    bytes[length] = byte;
    length += 1;
  }
  return bytes.subarray(0, length);
}

/** @returns the text with each escape decoded once */
export function decodeOnce(text: string): string {
  const first = text.indexOf('%');
  if (first === -1) return text;
  const bytes = Buffer.from(text, 'latin1');
  let length = first;
  for (let index = first; index < bytes.length; index += 1) {
    const escaped = readEscape(bytes, index);
    bytes[length] = escaped === -1 ? (bytes[index] as number) : escaped;
    length += 1;
    if (escaped !== -1) index += 2;
  }
  return bytes.toString('latin1', 0, length);
}

/**
 * @returns the text with repeated slashes as one, printable ASCII decoded, and the other escapes in upper case; `/`, `\` and
 *   `%` stay encoded
 */
export function normalizeEscapes(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    const escaped = readEscape(bytes, index);
    if (escaped === -1) {
      if (byte === slash && length > 0 && bytes[length - 1] === slash) continue;
      bytes[length] = byte;
      length += 1;
    } else {
      length += isPlain(escaped)
        ? writePlain(bytes, length, escaped)
        : copyUpper(bytes, length, index);
      index += 2;
    }
  }
  return bytes.toString('latin1', 0, length);
}

/** @returns whether an escape of the byte means the same as the byte: printable ASCII, and no separator */
export function isPlain(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && byte !== slash && byte !== 0x5c && byte !== percent;
}

/** @returns the byte of the escape at the index; -1 if there is no escape */
function readEscape(bytes: Buffer, index: number): number {
  if (bytes[index] !== percent || index + 2 >= bytes.length) return -1;
  const high = nibbles[bytes[index + 1] as number] as number;
  const low = nibbles[bytes[index + 2] as number] as number;
  return (high | low) === -1 ? -1 : (high << 4) | low;
}

/** @returns NaN if the character is not a hexadecimal digit */
export function toNibble(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const upper = code & ~0x20;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : Number.NaN;
}

function writePlain(bytes: Buffer, at: number, byte: number): number {
  bytes[at] = byte;
  return 1;
}

function copyUpper(bytes: Buffer, at: number, index: number): number {
  bytes[at] = percent;
  bytes[at + 1] = toUpper(bytes[index + 1] as number);
  bytes[at + 2] = toUpper(bytes[index + 2] as number);
  return 3;
}

function toUpper(digit: number): number {
  return digit >= 0x61 ? digit & ~0x20 : digit;
}

/** By byte: the value of a hexadecimal digit, -1 for other bytes. */
const nibbles = Int8Array.from({ length: 256 }, (_, code) => {
  const nibble = toNibble(code);
  return nibble >= 0 ? nibble : -1;
});
