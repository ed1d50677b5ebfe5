/**
 * Paths and queries as byte strings. What is matched, signed and sent is the same path: bytes that cannot stand on
 * a request line are percent-encoded once, on entry, and nothing re-encodes them afterwards.
 */
import { ProxyError } from './errors.ts';
import {
  decodeOnce,
  encodeBytes,
  isPlain,
  normalizeEscapes,
  replaceByte,
  toByteTable,
} from './percent.ts';

const plus = 0x2b;
const space = 0x20;
const printable = Buffer.from(Array.from({ length: 94 }, (_, index) => 0x21 + index)).toString();
/** RFC 9112 §3.2: controls, space, non-ASCII and `#` are not allowed on a request line. */
const keptOnRequestLine = toByteTable(printable.replace('#', ''));
const keptInPath = toByteTable(printable.replace('#', '').replace('?', ''));
const outsideRequestLine = /[^\x21-\x7e]|#/;
/** Readers decode once or twice; a path that is still encoded after this many times is an attack on one of them. */
const maxDecodings = 4;

/** Percent-encodes bytes that are not allowed on a request line. @param enough as for `toWirePath` */
export function toRequestLine(text: string, enough?: number): string {
  if (!outsideRequestLine.test(text)) return text;
  return encodeBytes(Buffer.from(text, 'utf8'), keptOnRequestLine, enough);
}

/**
 * A path as it is sent; a `?` in it is data, since the query travels apart.
 *
 * @param enough characters; of a path that would be longer, a part that is longer as well may be all that is returned
 */
export function toWirePath(rawPath: string, enough?: number): string {
  if (!(outsideRequestLine.test(rawPath) || rawPath.includes('?'))) return rawPath;
  return encodeBytes(Buffer.from(rawPath, 'utf8'), keptInPath, enough);
}

/**
 * A query as it is sent: `+` becomes `%20`, because verifiers differ on what a literal `+` signs as.
 *
 * @param enough as for `toWirePath`
 */
export function toWireQuery(rawQuery: string, enough?: number): string {
  if (!rawQuery.includes('+')) return toRequestLine(rawQuery, enough);
  const bytes = replaceByte(Buffer.from(rawQuery, 'utf8'), plus, space);
  return encodeBytes(bytes, keptOnRequestLine, enough);
}

/** @returns a form, written as a query is sent: so the same value has one spelling in both */
export function toWireForm(form: Uint8Array): string {
  return encodeBytes(replaceByte(Buffer.from(form), plus, space), keptOnRequestLine);
}

/**
 * Bytes of path and query as they are sent on. A function URL takes a megabyte of request line and headers (Lambda quotas), and so
 * do upstreams. Bytes that become escapes take three times as many, and each is matched, hashed and sent.
 */
export const maxTargetBytes = 1024 * 1024;

/** @throws ProxyError `MALFORMED_REQUEST` for a path and query that are too long together */
export function assertTargetBytes(bytes: number): void {
  if (bytes <= maxTargetBytes) return;
  const expected = `at most ${maxTargetBytes} bytes as they are sent`;
  throw new ProxyError('MALFORMED_REQUEST', `path and query: expected ${expected}, found more`);
}

/** @throws ProxyError `UNSAFE_PATH` when some reader of the path could leave its base or cut it short. */
export function assertSafePath(path: string): void {
  const reason = findUnsafePath(path);
  if (reason) throw new ProxyError('UNSAFE_PATH', reason);
}

/**
 * A dot, an escape of a dot, of `%`, of NUL or of a byte that begins an overlong form, or a `%` that begins no escape.
 * Without any of these, decoding ends after one reading, which has nothing that is refused.
 */
const mayBeUnsafe = /[.\0]|%(?:2[e5]|00|c[01]|[ef]0|(?![0-9a-f][0-9a-f]))/i;
/** Http.sys (IIS, Azure) decodes `%u002e` to a dot. */
const windowsEscape = /%u00[0-7][0-9a-f]/i;
/** ASCII in two, three or four bytes, which UTF-8 forbids and lenient decoders accept (RFC 3629 §10). */
const overlongAscii =
  /[\xc0\xc1][\x80-\xbf]|\xe0[\x80\x81][\x80-\xbf]|\xf0\x80[\x80\x81][\x80-\xbf]/;

/**
 * Looks at a path as the most lenient server would: decoded again and again, `\` as `/`, `;` as the start
 * of a path parameter.
 *
 * @returns why the path is refused, or undefined
 */
export function findUnsafePath(path: string): string | undefined {
  if (!mayBeUnsafe.test(path)) return undefined;
  let reading = path;
  for (let decodings = 0; decodings <= maxDecodings; decodings += 1) {
    if (reading.includes('\0')) return 'the path holds a NUL byte';
    if (windowsEscape.test(reading)) return 'the path holds a %u escape of ASCII';
    if (overlongAscii.test(reading)) return 'the path holds ASCII in overlong UTF-8';
    if (hasDotSegment(withoutIgnored(reading))) return 'the path holds a dot segment';
    const decoded = decodeOnce(reading);
    if (decoded === reading) return undefined;
    reading = decoded;
  }
  return `the path is percent-encoded more than ${maxDecodings} times over`;
}

const ignored = /[\t\n\r]/;
const ignoredEverywhere = /[\t\n\r]/g;

/** As a URL parser reads it (WHATWG URL, "basic URL parser"): tabs and line breaks do not exist. */
function withoutIgnored(reading: string): string {
  return ignored.test(reading) ? reading.replace(ignoredEverywhere, '') : reading;
}

/**
 * `;`, `?` and `#` end a segment for a reader that has decoded them, and so does a space: URL parsers cut it off at the end,
 * and Windows at the end of each name.
 */
function hasDotSegment(reading: string): boolean {
  for (let at = reading.indexOf('.'); at !== -1; at = reading.indexOf('.', at + 1)) {
    const isFirst = at === 0 || reading[at - 1] === '/' || reading[at - 1] === '\\';
    if (!isFirst) continue;
    let end = reading[at + 1] === '.' ? at + 2 : at + 1;
    while (reading[end] === ' ') end += 1;
    const next = reading[end];
    if (next === undefined || '/\\;?#'.includes(next)) return true;
  }
  return false;
}

/**
 * The path in a form that no URL parser takes for a host and a path: `//x/admin` and `/\x/admin` would be `/admin` of the host
 * `x` (RFC 3986 §4.2, WHATWG URL).
 *
 * @returns the path with one slash at its beginning, and a `\` behind that slash as `%5C`
 */
export function toRootedPath(path: string): string {
  let start = 0;
  while (path[start + 1] === '/') start += 1;
  const rooted = start === 0 ? path : path.slice(start);
  return rooted[1] === '\\' ? `/%5C${rooted.slice(2)}` : rooted;
}

/**
 * The form in which paths are compared: repeated slashes are one (as in the canonical path that is
 * signed), encoded printable ASCII is decoded (RFC 3986 §6.2.2.2, so that `/%61dmin` is `/admin`), hexadecimal
 * digits are upper case. `%2F`, `%5C` and `%25` stay encoded: they are data, not separators.
 */
export function toMatchKey(path: string): string {
  if (!path.includes('%') && !path.includes('//')) return path;
  return normalizeEscapes(path);
}

/** @returns the part of `path`, as sent, that follows the first `keyLength` characters of its match key. */
export function sliceAfterKey(path: string, keyLength: number): string {
  let index = 0;
  for (let length = 0; length < keyLength; length += 1) {
    const isLast = length === keyLength - 1;
    if (path[index] === '/') {
      while (!isLast && path[index + 1] === '/') index += 1;
    } else if (path[index] === '%') {
      const triplet = path.slice(index, index + 3);
      if (/^%[0-9a-f]{2}$/i.test(triplet)) {
        index += 2;
        length += keyLengthOf(triplet) - 1;
      }
    }
    index += 1;
  }
  return path.slice(index);
}

function keyLengthOf(triplet: string): number {
  return isPlain(Number.parseInt(triplet.slice(1), 16)) ? 1 : triplet.length;
}

/**
 * Every text that some reader may take a path and its query for: as they are sent, decoded once or again and again, `\`
 * as `/`, repeated slashes as one, without `;` parameters, `+` for a space. For rules that forbid paths.
 */
export function toUriReadings(path: string, query: string): readonly string[] {
  const readings = new Set<string>();
  const add = (pathReading: string, queryReading: string) => {
    const text = query === '' ? pathReading : `${pathReading}?${queryReading}`;
    readings.add(Buffer.from(text, 'latin1').toString('utf8'));
  };
  add(path, query.replaceAll('%20', '+'));
  let [pathReading, queryReading] = [path, query];
  for (let decodings = 0; decodings <= maxDecodings; decodings += 1) {
    add(pathReading, queryReading);
    const slashed = withoutIgnored(pathReading).replace(/[\\/]+/g, '/');
    add(slashed, queryReading);
    add(slashed.replace(/;[^/]*/g, '').replace(/\/{2,}/g, '/'), queryReading);
    const before = [pathReading, queryReading];
    [pathReading, queryReading] = [decodeOnce(pathReading), decodeOnce(queryReading)];
    if (pathReading === before[0] && queryReading === before[1]) break;
  }
  return [...readings];
}
