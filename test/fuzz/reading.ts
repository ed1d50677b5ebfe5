/** The vocabulary of the reference parser: how RFC 9110 and 9112 read the bytes of a response. */

export interface Head {
  readonly status: number;
  /** Lower-case names, values without the blanks around them, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** How the upstream's script leaves its connection. */
export type End = 'end' | 'reset' | 'open';

export interface Reading {
  /**
   * - `whole`: complete by its framing
   * - `invalid`: no recipient may take it for a response
   * - `short`: the bytes end before the message does
   */
  readonly verdict: 'whole' | 'invalid' | 'short';
  /** Where the RFC lets a recipient choose between refusing and reading on; what follows is the reading on. */
  readonly doubts: readonly string[];
  /** Undefined when nothing was wrong up to its end but it has not come. */
  readonly head: Head | undefined;
  /** What of the body was read. */
  readonly body: string;
  /** How many bytes stand behind the message. */
  readonly rest: number;
}

/** Thrown inside the parser. */
export class Stop extends Error {
  readonly verdict: 'invalid' | 'short';

  constructor(verdict: 'invalid' | 'short', why: string) {
    super(why);
    this.verdict = verdict;
  }
}

/** A place in the bytes, one character a byte. */
export interface Cursor {
  readonly bytes: string;
  at: number;
  readonly doubts: string[];
}

/** @returns the line at the cursor, without its end */
export function readLine(cursor: Cursor): string {
  const end = cursor.bytes.indexOf('\n', cursor.at);
  const line = cursor.bytes.slice(cursor.at, end === -1 ? undefined : end);
  const isCrLf = line.endsWith('\r');
  const text = isCrLf ? line.slice(0, -1) : line;
  // RFC 9112 §2.2: a CR that no LF follows is invalid, or a space; here it is invalid.
  if (text.includes('\r')) throw new Stop('invalid', 'a bare CR');
  if (end === -1) throw new Stop('short', 'no end of line');
  if (!isCrLf) cursor.doubts.push('a bare LF (RFC 9112 §2.2)');
  cursor.at = end + 1;
  return text;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** @returns the fields up to the empty line; with obsolete folding they are read as one line (RFC 9112 §5.2) */
export function readFields(cursor: Cursor): [name: string, value: string][] {
  const fields: [string, string][] = [];
  for (let line = readLine(cursor); line !== ''; line = readLine(cursor)) {
    if (/^[ \t]/.test(line)) fold(cursor, fields, line);
    else fields.push(readField(cursor, line));
  }
  return fields;
}

function fold(cursor: Cursor, fields: [string, string][], line: string): void {
  if (!fieldValue.test(line)) throw new Stop('invalid', 'a control character in a folded line');
  const last = fields.at(-1);
  cursor.doubts.push('a folded line (RFC 9112 §2.2, §5.2)');
  if (last) last[1] = trim(`${last[1]} ${line}`);
}

function readField({ doubts }: Cursor, line: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  const value = line.slice(colon + 1);
  if (!token.test(name)) throw new Stop('invalid', 'a field name that is no token');
  if (!fieldValue.test(value)) throw new Stop('invalid', 'a control character in a field value');
  // RFC 9110 §5.5 allows it. llhttp 9 takes blanks there, and no tabs.
  if (/^content-length$/i.test(name) && /\d[ \t]*\t/.test(value))
    doubts.push('a tab behind a length');
  return [name.toLowerCase(), trim(value)];
}

/** Without optional white space (RFC 9110 §5.6.3). */
export function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
