/**
 * A strict parser of HTTP/1 responses, written from RFC 9112 alone. It reads on where the RFC lets a recipient choose, and
 * says so: such a response may be refused, or relayed as it was read here. Everything else has one right outcome.
 */
import {
  type Cursor,
  type End,
  type Head,
  type Reading,
  readFields,
  readLine,
  Stop,
} from './reading.ts';

interface Request {
  readonly method: string;
  readonly end: End;
}

/** @param bytes all that the upstream sends to one request, one character a byte */
export function parseResponse(bytes: string, { method, end }: Request): Reading {
  const cursor: Cursor = { bytes, at: 0, doubts: [] };
  let head: Head | undefined;
  const body = { text: '' };
  let verdict: Reading['verdict'] = 'whole';
  try {
    head = readHead(cursor);
    readBody(cursor, body, { head, method, end });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    verdict = error.verdict;
  }
  return { verdict, doubts: cursor.doubts, head, body: body.text, rest: bytes.length - cursor.at };
}

/** The final response's; informational ones before it are passed over (RFC 9110 §15.2). */
function readHead(cursor: Cursor): Head {
  for (;;) {
    const { status, minor } = readStatusLine(cursor);
    const headers = readFields(cursor);
    if (status === 101) throw new Stop('invalid', 'a switch that nobody asked for (RFC 9110 §7.8)');
    if (status >= 200) {
      checkHead(cursor, headers, minor);
      return { status, headers };
    }
  }
}

function readStatusLine(cursor: Cursor): { status: number; minor: number } {
  while (cursor.bytes[cursor.at] === '\r' || cursor.bytes[cursor.at] === '\n') {
    cursor.doubts.push('line ends before the status line (RFC 9112 §2.2)');
    cursor.at += 1;
  }
  const line = readFirstLine(cursor);
  // §4: a recipient may split at any white space; the reason is text, or missing with the space before it.
  const lenient = /^[ \t\v\f]*HTTP\/(\d)\.(\d)[ \t\v\f]+(\d{3})(?:[ \t\v\f]+(.*))?$/;
  const match = lenient.exec(line);
  if (!match) throw new Stop('invalid', 'no status line');
  const [, major, minor, status] = match.map(Number) as [number, number, number, number];
  if (major !== 1) throw new Stop('invalid', 'another major version');
  if (minor > 1) cursor.doubts.push('a higher minor version (RFC 9110 §2.5)');
  if (!/^HTTP\/\d\.\d \d{3} [\t\x20-\x7e\x80-\xff]*$/.test(line)) {
    cursor.doubts.push('white space, or the bytes of the reason, which ends here (RFC 9112 §4)');
  }
  if (status < 100 || status > 599) throw new Stop('invalid', 'a status of no class');
  return { status, minor };
}

/** llhttp 9 takes CR CR for the end of a status line, nowhere else; nobody behind it can see that. */
function readFirstLine(cursor: Cursor): string {
  const twoCr = /^([^\r\n]*)\r\r(?!\n)/.exec(cursor.bytes.slice(cursor.at));
  if (!twoCr) return readLine(cursor);
  cursor.doubts.push('CR CR for the end of a status line (RFC 9112 §2.2)');
  cursor.at += twoCr[0].length;
  return twoCr[1] ?? '';
}

type Fields = Head['headers'];

function valuesOf(headers: Fields, name: string): string[] {
  return headers.filter(([each]) => each === name).map(([, value]) => value);
}

/** §6.1 and §6.3: framing that is said twice, or that cannot be read. */
function checkHead({ doubts }: Cursor, headers: Fields, minor: number): void {
  const lengths = readLengths(headers);
  if (lengths.length > 1) doubts.push('the same length more than once (RFC 9112 §6.3)');
  if (new Set(lengths.map(BigInt)).size > 1) throw new Stop('invalid', 'conflicting lengths');
  const coding = toCoding(headers);
  if (coding !== undefined) {
    if (coding !== 'chunked') throw new Stop('invalid', 'a transfer coding that nobody asked for');
    if (lengths.length > 0) throw new Stop('invalid', 'length and chunked together');
    if (minor === 0) doubts.push('chunked in HTTP/1.0 (RFC 9112 §6.1)');
  }
  const options = valuesOf(headers, 'connection').join(',').toLowerCase();
  if (options.includes('upgrade') && valuesOf(headers, 'upgrade').length > 0) {
    doubts.push('an offer to upgrade (RFC 9110 §7.8)');
  }
}

function readLengths(headers: Fields): string[] {
  const lengths = valuesOf(headers, 'content-length').flatMap((value) =>
    value.split(',').map((each) => each.trim()),
  );
  // §6.3: what is beyond the recipient's own numbers (64 bits) is no length for it.
  const isNumber = (text: string) => /^\d+$/.test(text) && BigInt(text) < 2n ** 64n;
  if (!lengths.every(isNumber)) throw new Stop('invalid', 'a length that is no number');
  return lengths;
}

function toCoding(headers: Fields): string | undefined {
  const values = valuesOf(headers, 'transfer-encoding');
  return values.length === 0 ? undefined : values.join(',').toLowerCase();
}

interface Framing extends Request {
  readonly head: Head;
}

/** §6.3, in its order. */
function readBody(cursor: Cursor, body: { text: string }, { head, method, end }: Framing): void {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return;
  if (toCoding(head.headers) !== undefined) {
    // RFC 9110 §5.5 allows it; Node reads no chunks then, and the proxy refuses what it cannot read.
    if (/^transfer-encoding:[^\r\n]*\t\r?$/im.test(cursor.bytes))
      cursor.doubts.push('a tab behind chunked');
    readChunks(cursor, body);
    return;
  }
  const [length] = readLengths(head.headers);
  if (length === undefined) {
    take(cursor, body, cursor.bytes.length - cursor.at);
    if (end === 'open') throw new Stop('short', 'only a close ends it');
    // RFC 9112 §8 would call it complete however the connection closed; here a reset is a cut.
    if (end === 'reset') throw new Stop('short', 'a reset of what only a close ends');
  } else take(cursor, body, Number(length));
}

const framing = new Set(['content-length', 'transfer-encoding', 'connection', 'upgrade']);

function readChunks(cursor: Cursor, body: { text: string }): void {
  for (;;) {
    const size = readChunkSize(cursor);
    if (size === 0) {
      const isFraming = ([name]: [string, string]) => framing.has(name);
      if (readFields(cursor).some(isFraming))
        cursor.doubts.push('framing in a trailer (RFC 9110 §6.5.1)');
      return;
    }
    take(cursor, body, size);
    if (cursor.at < cursor.bytes.length && !'\r\n'.includes(cursor.bytes[cursor.at] as string)) {
      throw new Stop('invalid', 'a chunk that is longer than its size');
    }
    if (readLine(cursor) !== '') throw new Stop('invalid', 'no end of line behind a chunk');
  }
}

/** Without the "bad" white space that §7.1.1 lets stand in it: llhttp refuses that, which cuts and never corrupts. */
const extension = /^(;[\w!#$%&'*+.^`|~-]+(=([\w!#$%&'*+.^`|~-]+|"([^"\\]|\\.)*"))?)*$/;

function readChunkSize(cursor: Cursor): number {
  const line = readLine(cursor);
  const digits = /^[0-9a-f]+/i.exec(line)?.[0];
  const rest = line.slice(digits?.length ?? 0);
  const isText = /^([ \t;][\t\x20-\x7e\x80-\xff]*)?$/.test(rest);
  if (digits === undefined || !isText) throw new Stop('invalid', 'no chunk size');
  const size = Number(`0x${digits}`);
  if (size > Number.MAX_SAFE_INTEGER) throw new Stop('invalid', 'a chunk size beyond all numbers');
  if (!extension.test(rest)) cursor.doubts.push('an odd chunk extension (RFC 9112 §7.1.1)');
  return size;
}

function take(cursor: Cursor, body: { text: string }, length: number): void {
  const taken = cursor.bytes.slice(cursor.at, cursor.at + length);
  body.text += taken;
  cursor.at += taken.length;
  if (taken.length < length) throw new Stop('short', 'the body ends early');
}
