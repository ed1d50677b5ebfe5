/** Names of parameters and cookies that some reader takes for the same name. */
import { toNibble } from './percent.ts';

const space = 0x20;
const plus = 0x2b;
const percent = 0x25;
const dot = 0x2e;
const openingBracket = 0x5b;
const closingBracket = 0x5d;
const underscore = 0x5f;
const smallU = 0x75;
/** Length of the blanks, brackets and controls in front of a name. No honest client sends them, and a million would be read for each name. */
const maxAroundCharacters = 192;
/**
 * Parts of a query or a `Cookie` header that are compared with a name. The event has as many `&` at most; some readers
 * split at other characters too.
 */
export const maxParts = 10_000;

/**
 * Whether some common reader takes a name for another one. All of them decode it. ASP.NET ignores case and decodes `%u0061`.
 * PHP cuts off blanks at its beginning, ends it at a NUL, reads `.`, a blank and `[` as `_`, and takes `name[…]` for a list of
 * the name. Rack and qs pass over brackets around it. Compares byte by byte, because a client may send thousands of names. If
 * very many such characters are around a name, it counts as the other one.
 *
 * @param text holds the name, as it is sent
 * @param wanted lower case, of letters, digits, `_` and `-`
 */
export function isReadAs(text: string, { start, end }: Span, wanted: string): boolean {
  let from = start;
  while (from < end && isAround(readCode(text, from))) {
    from += widthOf(text, from);
    if (from - start > maxAroundCharacters) return true;
  }
  return hasName(text, { start: from, end }, wanted);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function hasName(text: string, { start, end }: Span, wanted: string): boolean {
  let at = start;
  for (let position = 0; position < wanted.length; position += 1) {
    if (at >= end || toRead(readCode(text, at)) !== wanted.charCodeAt(position)) return false;
    at += widthOf(text, at);
  }
  return at >= end || isAround(readCode(text, at));
}

function readCode(text: string, at: number): number {
  if (text.charCodeAt(at) !== percent) return text.charCodeAt(at);
  const escaped = isWide(text, at) ? readWideEscape(text, at) : readEscape(text, at + 1);
  return escaped >= 0 ? escaped : percent;
}

function widthOf(text: string, at: number): number {
  if (text.charCodeAt(at) !== percent) return 1;
  if (isWide(text, at)) return readWideEscape(text, at) >= 0 ? 6 : 1;
  return readEscape(text, at + 1) >= 0 ? 3 : 1;
}

/** ASP.NET decodes `%u0061`. */
function isWide(text: string, at: number): boolean {
  return (text.charCodeAt(at + 1) | 0x20) === smallU;
}

function readWideEscape(text: string, at: number): number {
  return readEscape(text, at + 2) * 256 + readEscape(text, at + 4);
}

/** @returns the byte of two hexadecimal digits; a number below 0, or none, where there are no digits */
function readEscape(text: string, at: number): number {
  // A sum with something that is no digit is not a number.
  return toNibble(text.charCodeAt(at)) * 16 + toNibble(text.charCodeAt(at + 1));
}

/** Brackets, blanks, NUL and other control characters, which some reader takes off a name. `+` is a blank in a query. */
function isAround(code: number): boolean {
  return code <= space || code === plus || code === openingBracket || code === closingBracket;
}

function toRead(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code + 0x20;
  const isReplaced = code === dot || code === openingBracket || code === space || code === plus;
  return isReplaced ? underscore : code;
}
