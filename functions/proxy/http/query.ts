/**
 * One parameter of a raw query: read decoded, or removed with everything else left as it travels. A query may hold a million
 * parameters, so nothing is decoded or cut out but what has the name.
 */
import { toNibble } from './percent.ts';
import { isReadAs, maxParts } from './spelling.ts';

/** Parsers disagree on which of several values counts, so callers only need to know that there is more than one. */
const maxValues = 2;
const percent = 0x25;
const ampersand = 0x26;
const semicolon = 0x3b;
const equals = 0x3d;
const questionMark = 0x3f;

/** @returns the first two values of the parameter, decoded; a value that cannot be decoded is returned unchanged */
export function readParameter(query: string, name: string): readonly string[] {
  return readRawParameter(query, name).map(decodeValue);
}

/** @returns the first two values of the parameter, as they are sent */
export function readRawParameter(query: string, name: string): readonly string[] {
  const values: string[] = [];
  visitParameters(query, name, ({ nameEnd, end }) => {
    values.push(query.slice(nameEnd + 1, end));
    return values.length < maxValues;
  });
  return values;
}

/**
 * Some readers split a query at `;` as well.
 *
 * @returns how many parameters some reader takes for the name, in other spellings as well; two may be more, and stand for a
 *   query of too many parts
 */
export function countParameters(query: string, name: string): number {
  const wanted = name.toLowerCase();
  let count = 0;
  let parts = 0;
  for (let start = 0; start <= query.length && count < maxValues; ) {
    parts += 1;
    if (parts > maxParts) return maxValues;
    const { nameEnd, end } = readPart(query, start);
    if (isReadAs(query, { start: skipMarks(query, start), end: nameEnd }, wanted)) count += 1;
    start = end + 1;
  }
  return count;
}

/** `URLSearchParams` and qs take a `?` off that a query begins with: `/a??b=1` has `b` for them. */
function skipMarks(query: string, start: number): number {
  let from = start;
  while (start === 0 && query.charCodeAt(from) === questionMark) from += 1;
  return from;
}

function readPart(query: string, start: number): Place {
  let end = start;
  let nameEnd = -1;
  for (; end < query.length; end += 1) {
    const code = query.charCodeAt(end);
    if (code === ampersand || code === semicolon) break;
    if (code === equals && nameEnd === -1) nameEnd = end;
  }
  return { start, nameEnd: nameEnd === -1 ? end : nameEnd, end };
}

/** @returns the query less every occurrence of the parameter */
export function withoutParameter(query: string, name: string): string {
  const kept: string[] = [];
  let from = 0;
  visitParameters(query, name, ({ start, end }) => {
    if (start > from) kept.push(query.slice(from, start - 1));
    from = end + 1;
    return true;
  });
  if (from === 0) return query;
  if (from <= query.length) kept.push(query.slice(from));
  return kept.join('&');
}

/** @returns the query with something else in place of each value of the parameter */
export function withMaskedParameter(query: string, name: string, mask: string): string {
  let masked = '';
  let from = 0;
  visitParameters(query, name, ({ nameEnd, end }) => {
    masked += query.slice(from, nameEnd) + (nameEnd < end ? `=${mask}` : '');
    from = end;
    return true;
  });
  return masked + query.slice(from);
}

interface Place {
  readonly start: number;
  readonly nameEnd: number;
  readonly end: number;
}

/** @param visit called for each parameter of the name; `false` ends the search */
function visitParameters(query: string, name: string, visit: (place: Place) => boolean): void {
  const wanted = Buffer.from(name);
  let start = 0;
  while (start <= query.length) {
    const nameEnd = findNameEnd(query, start, wanted);
    // Counted by hand: a call of indexOf for each of a million parameters takes ten times as long.
    let end = start;
    while (end < query.length && query.charCodeAt(end) !== ampersand) end += 1;
    const isWhole = nameEnd === end || (nameEnd < end && query.charCodeAt(nameEnd) === equals);
    if (nameEnd !== -1 && isWhole && !visit({ start, nameEnd, end })) return;
    start = end + 1;
  }
}

/** Compares byte by byte, decoding as it goes. @returns where the name ends, -1 at the first byte that differs */
function findNameEnd(query: string, start: number, wanted: Buffer): number {
  let index = start;
  for (let position = 0; position < wanted.length; position += 1) {
    let code = query.charCodeAt(index);
    let width = 1;
    if (code === percent) {
      const byte =
        toNibble(query.charCodeAt(index + 1)) * 16 + toNibble(query.charCodeAt(index + 2));
      // A sum with something that is no digit is not a number.
      if (byte >= 0) [code, width] = [byte, 3];
    }
    if (code !== wanted[position]) return -1;
    index += width;
  }
  return index;
}

/** @returns the text without its escapes; unchanged if it cannot be decoded */
export function decodeValue(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
