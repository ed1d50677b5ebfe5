/** Names of parameters and cookies that some reader takes for the same name. */
import { toNibble } from './percent.ts';

const space = 0x20;
const plus = 0x2b;
const percent = 0x25;
const dot = 0x2e;
const openingBracket = 0x5b;
const closingBracket = 0x5d;
const underscore = 0x5f;

/**
 * Whether some common reader takes a name for another one. All of them decode it. ASP.NET ignores case. PHP cuts off blanks at
 * its beginning, ends it at a NUL, reads `.`, a blank and `[` as `_`, and takes `name[…]` for a list of the name. Rack and qs
 * pass over brackets around it. Compares byte by byte, because a client may send a million names.
 *
 * @param text holds the name, as it is sent
 * @param wanted lower case, of letters, digits, `_` and `-`
 */
export function isReadAs(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  wanted: string,
): boolean {
  let position = 0;
  for (let at = start; at < end; at += 1) {
    const escaped = readEscape(text, at);
    const code = escaped >= 0 ? escaped : text.charCodeAt(at);
    if (escaped >= 0) at += 2;
    if (position === 0 && isAround(code)) continue;
    if (position === wanted.length) return isAround(code);
    if (toRead(code) !== wanted.charCodeAt(position)) return false;
    position += 1;
  }
  return position === wanted.length;
}

/** @returns the byte of an escape; a number below 0, or none, where there is no escape */
function readEscape(text: string, at: number): number {
  if (text.charCodeAt(at) !== percent) return -1;
  // A sum with something that is no digit is not a number.
  return toNibble(text.charCodeAt(at + 1)) * 16 + toNibble(text.charCodeAt(at + 2));
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
