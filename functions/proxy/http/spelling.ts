/** Names of parameters and cookies that some reader takes for the same name. */
import { toNibble } from './percent.ts';

const space = 0x20;
const percent = 0x25;
const dot = 0x2e;
const bracket = 0x5b;
const underscore = 0x5f;

/**
 * Whether PHP or ASP.NET reads a name as another one: both decode it, ASP.NET ignores case, PHP cuts off blanks at its
 * beginning, reads `.`, a blank and `[` as `_`, and takes `name[…]` for a list of the name. Compares byte by byte, because a
 * client may send a million names.
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
    if (position === 0 && code === space) continue;
    if (position === wanted.length) return code === bracket;
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

function toRead(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code + 0x20;
  return code === space || code === dot || code === bracket ? underscore : code;
}
