/**
 * Percent-encoding (RFC 3986 §2.1) of texts that are bytes in Latin-1, and what else is done to each byte of them. Loops over
 * bytes: a string's replacements take ten times as long, and a client may send a million escapes or blanks.
 */

const percent = 0x25;
const slash = 0x2f;
const hexDigits = Buffer.from('0123456789ABCDEF');

/** By byte: 1 for one that stays as it is, 0 for one that is encoded. */
export type ByteTable = Uint8Array;

/** @param kept ASCII characters that stay as they are */
export function toByteTable(kept: string): ByteTable {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(kept, 'latin1')) table[byte] = 1;
  return table;
}

/** @returns ASCII: each byte that the table does not keep as an escape, `%` too */
export function encodeBytes(bytes: Uint8Array, kept: ByteTable): string {
  const encoded = Buffer.allocUnsafe(bytes.length * 3);
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    if (kept[byte] === 1) {
      encoded[length] = byte;
      length += 1;
    } else {
      encoded[length] = percent;
      encoded[length + 1] = hexDigits[byte >> 4] as number;
      encoded[length + 2] = hexDigits[byte & 15] as number;
      length += 3;
    }
  }
  return encoded.toString('latin1', 0, length);
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
    bytes[length] = escaped ?? (bytes[index] as number);
    length += 1;
    if (escaped !== undefined) index += 2;
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
    if (escaped === undefined) {
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

/** @returns the byte that the escape at the index stands for; undefined where there is none */
function readEscape(bytes: Buffer, index: number): number | undefined {
  if (bytes[index] !== percent) return undefined;
  const byte = toNibble(bytes[index + 1]) * 16 + toNibble(bytes[index + 2]);
  return byte >= 0 ? byte : undefined;
}

/** @returns NaN for what is no hexadecimal digit */
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
