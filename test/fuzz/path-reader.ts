/** How paths and queries travel by docs/request-path.md and docs/security.md, read character by character: no code is shared. */

const utf8 = new TextEncoder();

/** Percent-encodes what cannot stand on a request line, and `#`. */
function toLine(text: string): string {
  let line = '';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (code > 0x20 && code < 0x7f && char !== '#') line += char;
    else for (const byte of utf8.encode(char)) line += toTriplet(byte);
  }
  return line;
}

/** A path as it is sent: the query travels apart, so that a `?` in it is data. */
export function toPathLine(path: string): string {
  return toLine(path).split('?').join('%3F');
}

/** A query as it is sent. */
export function toQueryLine(query: string): string {
  return toLine(query).split('+').join('%20');
}

/** @returns whether the most lenient server could leave the path's base or see it cut short (docs/security.md#paths) */
export function isUnsafe(path: string): boolean {
  let reading = path;
  for (let layers = 0; layers <= 4; layers += 1) {
    if (reading.includes('\0') || toSegments(reading).some(isDots)) return true;
    if (hasStrangeAscii(reading)) return true;
    const next = decode(reading);
    if (next === reading) return false;
    reading = next;
  }
  return true;
}

/** ASCII as `%u` and four digits, or in more bytes of UTF-8 than it needs. */
function hasStrangeAscii(reading: string): boolean {
  return [...reading].some((_, at) => {
    const written = reading.slice(at, at + 6).toLowerCase();
    if (/^%u[0-9a-f]{4}$/.test(written) && Number.parseInt(written.slice(2), 16) < 0x80)
      return true;
    const [a = 0, b = 0, c = 0, d = 0] = [...Buffer.from(reading.slice(at, at + 4), 'latin1')];
    const isMore = (byte: number) => byte >> 6 === 0b10;
    if (a >> 5 === 0b110 && isMore(b)) return (a & 0x1f) << 6 < 0x80;
    if (a >> 4 === 0b1110 && isMore(b) && isMore(c)) {
      return (((a & 0x0f) << 12) | ((b & 0x3f) << 6)) < 0x80;
    }
    if (a >> 3 !== 0b11110 || ![b, c, d].every(isMore)) return false;
    return (((a & 0x07) << 18) | ((b & 0x3f) << 12) | ((c & 0x3f) << 6)) < 0x80;
  });
}

/** Decoded until nothing changes, with `\` as `/`, parameters cut off and dot segments resolved. */
export function toResolved(path: string): string {
  let reading = path;
  for (let next = decode(reading); next !== reading; next = decode(reading)) reading = next;
  const resolved: string[] = [];
  for (const segment of toSegments(reading)) {
    if (segment === '..') resolved.pop();
    else if (segment !== '' && segment !== '.') resolved.push(segment);
  }
  return `/${resolved.join('/')}`;
}

/** Percent-decoded once, to one character a byte. */
export function decode(text: string): string {
  let decoded = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text[index] === '%' ? toByte(text.slice(index + 1, index + 3)) : undefined;
    if (code === undefined) decoded += text[index];
    else {
      decoded += String.fromCharCode(code);
      index += 2;
    }
  }
  return decoded;
}

function toSegments(path: string): string[] {
  const segments = [''];
  let isParameter = false;
  for (const char of path) {
    // URL parsers leave tabs and line breaks out wherever they are.
    if ('\t\n\r'.includes(char)) continue;
    if (char === '/' || char === '\\') {
      segments.push('');
      isParameter = false;
    } else if (';?#'.includes(char)) isParameter = true;
    else if (!isParameter) segments[segments.length - 1] += char;
  }
  return segments.map(withoutLastSpaces);
}

/** URL parsers cut spaces off at the end, and Windows at the end of each name. */
function withoutLastSpaces(segment: string): string {
  let end = segment.length;
  while (segment[end - 1] === ' ') end -= 1;
  return segment.slice(0, end);
}

function isDots(segment: string): boolean {
  return segment === '.' || segment === '..';
}

function toByte(digits: string): number | undefined {
  const isHex =
    digits.length === 2 && [...digits].every((digit) => '0123456789abcdefABCDEF'.includes(digit));
  return isHex ? Number(`0x${digits}`) : undefined;
}

function toTriplet(byte: number): string {
  return `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;
}
