/**
 * One cookie of a raw `Cookie` header (RFC 6265 §5.4): read as it stands, removed with everything else left in its order. A
 * header may hold a million of them, so nothing is cut out but what has the name.
 */

import { isReadAs, maxParts } from './spelling.ts';

/** Parsers disagree on which of several values counts, so callers only need to know that there is more than one. */
const maxValues = 2;
const comma = 0x2c;
const semicolon = 0x3b;
const equals = 0x3d;

/** @returns the first two values of the cookie */
export function readCookie(header: string | undefined, name: string): readonly string[] {
  const values: string[] = [];
  const first = name.charCodeAt(0);
  visitCookies(header, ({ start, end }, text) => {
    if (text.charCodeAt(start) !== first) return true;
    const { nameEnd, nameStop } = findName(text, start, end);
    if (!isText(text, name, { start, end: nameEnd })) return true;
    values.push(text.slice(skipBlanks(text, Math.min(nameStop + 1, end), end), end));
    return values.length < maxValues;
  });
  return values;
}

/**
 * Some readers split the header at blanks and commas as well, if a name and `=` follow.
 *
 * @returns how many cookies some reader takes for the name, in other spellings as well; two may be more, and stand for a
 *   header of too many parts
 */
export function countCookies(header: string | undefined, name: string): number {
  const wanted = name.toLowerCase();
  let count = 0;
  let parts = 0;
  visitCookies(header, (span, text) => {
    visitParts(text, span, (part, isFirst) => {
      const { nameStop } = findName(text, part.start, part.end);
      const isCookie = nameStop < part.end || isFirst;
      parts += 1;
      if (parts > maxParts) count = maxValues;
      else if (isCookie && isReadAs(text, { start: part.start, end: nameStop }, wanted)) count += 1;
      return count < maxValues;
    });
    return count < maxValues;
  });
  return count;
}

/** @param visit called for each part between blanks and commas; `false` ends the search */
function visitParts(
  text: string,
  { start, end }: Span,
  visit: (part: Span, isFirst: boolean) => boolean,
): void {
  for (let from = start; from < end; ) {
    let to = from;
    while (to < end && !isSplit(text.charCodeAt(to))) to += 1;
    if (!visit({ start: from, end: to }, from === start)) return;
    from = to + 1;
  }
}

function isSplit(code: number): boolean {
  return code <= 0x20 || code === comma;
}

/** @returns the header less every cookie of the name; undefined when none is left */
export function withoutCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let kept = '';
  let from = 0;
  const first = name.charCodeAt(0);
  visitCookies(header, ({ start, end }) => {
    if (header.charCodeAt(start) !== first) return true;
    const { nameEnd } = findName(header, start, end);
    if (!isText(header, name, { start, end: nameEnd })) return true;
    const separator = header.indexOf(';', end);
    kept += header.slice(from, start);
    from = separator === -1 ? header.length : skipBlanks(header, separator + 1, header.length);
    return true;
  });
  const left = kept + header.slice(from);
  let end = left.length;
  while (end > 0 && isBetween(left.charCodeAt(end - 1))) end -= 1;
  return end === 0 ? undefined : left.slice(0, end);
}

function isBetween(code: number): boolean {
  return isBlank(code) || code === semicolon;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** @param visit called for each cookie, blanks around it left out; `false` ends the search */
function visitCookies(
  header: string | undefined,
  visit: (span: Span, text: string) => boolean,
): void {
  if (header === undefined) return;
  let from = 0;
  while (from < header.length) {
    let to = from;
    while (to < header.length && header.charCodeAt(to) !== semicolon) to += 1;
    const start = skipBlanks(header, from, to);
    const end = skipBlanksBack(header, start, to);
    if (end > start && !visit({ start, end }, header)) return;
    from = to + 1;
  }
}

function findName(text: string, start: number, end: number) {
  let nameStop = start;
  while (nameStop < end && text.charCodeAt(nameStop) !== equals) nameStop += 1;
  return { nameStop, nameEnd: skipBlanksBack(text, start, nameStop) };
}

function isText(text: string, wanted: string, { start, end }: Span): boolean {
  return end - start === wanted.length && text.startsWith(wanted, start);
}

function skipBlanks(text: string, from: number, to: number): number {
  let index = from;
  while (index < to && isBlank(text.charCodeAt(index))) index += 1;
  return index;
}

function skipBlanksBack(text: string, from: number, to: number): number {
  let index = to;
  while (index > from && isBlank(text.charCodeAt(index - 1))) index -= 1;
  return index;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
