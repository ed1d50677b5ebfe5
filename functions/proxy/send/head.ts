/** The bytes of a response before its body: bounded, and kept for what Node's parser does not tell. */
import type { IncomingMessage } from 'node:http';

/**
 * Node's own limit of 16 KB cuts off honest heads. Lambda takes the head as the JSON of a prelude, which escapes and
 * UTF-8 can make twice as long, and of that no more than about a megabyte.
 */
export const maxHeadBytes = 512 * 1024;
/** Header lines of a response. Honest servers send some tens; each costs work of its own, however short it is. */
export const maxHeaderLines = 10_000;
/** Informational responses before the final one (RFC 9110 §15.2); honest servers send one or two. */
const maxInformational = 100;

const tab = 9;

/** Watches the bytes before a response's body for what Node's parser does not report. */
export interface Head {
  /** Something has come. */
  readonly hasBegun: boolean;
  /** @returns a description of the fault once there are too many bytes before the final response, else undefined */
  add(chunk: Buffer): string | undefined;
  /** @returns a description of the fault once there are too many informational responses, else undefined */
  addInformational(): string | undefined;
  /** @returns a description of a `transfer-encoding` that Node does not recognise, or undefined */
  findHiddenChunks(incoming: IncomingMessage): string | undefined;
}

/** @returns a recorder for the head of one response */
export function createHead(): Head {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let informational = 0;
  return {
    get hasBegun() {
      return bytes > 0;
    },
    add(chunk) {
      // The chunk that completes the head may bring a part of the body, so that only what came before it counts.
      if (bytes > maxHeadBytes) return `more than ${maxHeadBytes} bytes before the final response`;
      bytes += chunk.length;
      chunks.push(chunk);
      return undefined;
    },
    addInformational() {
      informational += 1;
      if (informational <= maxInformational) return undefined;
      return `more than ${maxInformational} informational responses`;
    },
    findHiddenChunks({ headers }) {
      if (headers['transfer-encoding'] === undefined) return undefined;
      if (!chunks.some((chunk) => chunk.includes(tab))) return undefined;
      const lines = Buffer.concat(chunks).toString('latin1').split('\n');
      return hasTabBehindCoding(lines) ? 'a tab behind the transfer coding' : undefined;
    },
  };
}

/** Node takes the tab off `chunked<TAB>` (RFC 9110 §5.5 allows it there), and does not see the chunks behind it. */
function hasTabBehindCoding(lines: readonly string[]): boolean {
  let isFinal = false;
  for (const line of lines) {
    if (/^HTTP\/1\.\d /i.test(line)) isFinal = !/^HTTP\/1\.\d 1\d\d/i.test(line);
    else if (isFinal && (line === '\r' || line === '')) return false;
    else if (isFinal && /^transfer-encoding:/i.test(line) && endsWithTab(line)) return true;
  }
  return false;
}

/** Walks back over the white space at the end of a line: a regular expression would begin anew at each tab. */
function endsWithTab(line: string): boolean {
  let end = line.endsWith('\r') ? line.length - 1 : line.length;
  while (end > 0 && line[end - 1] === ' ') end -= 1;
  return line[end - 1] === '\t';
}
