/** Which headers end at a connection, in either direction, and how a value travels. */
import { isHopByHop } from './header-names.ts';
import type { HeaderList } from './message.ts';

const noNames: ReadonlySet<string> = new Set();
/** Honest senders name a few; what follows is no name of any header. */
const maxConnectionNames = 1000;

/** @returns the lower-case names that a `Connection` header takes off the message with it (RFC 9110 §7.6.1) */
export function readConnectionNames(connection: string | undefined): ReadonlySet<string> {
  if (!connection) return noNames;
  const names = connection.split(',', maxConnectionNames);
  return new Set(names.map((name) => name.trim().toLowerCase()));
}

/**
 * @param name lower case
 * @returns value of the first header of that name
 */
export function findHeader(headers: HeaderList, name: string): string | undefined {
  return headers.find(([own]) => own === name)?.[1];
}

/** @returns the headers that are for the final recipient, in their order */
export function toEndToEnd(headers: HeaderList): HeaderList {
  const connection = headers.filter(([name]) => name === 'connection').map(([, value]) => value);
  const named = readConnectionNames(connection.join(','));
  return headers.filter(([name]) => !isHopByHop(name) && !named.has(name));
}

const otherSign = /[^0-9a-z-]/i;
const minus = 0x2d;
/** By byte. */
const dashed = Uint8Array.from({ length: 256 }, (_, byte) =>
  otherSign.test(String.fromCharCode(byte)) ? minus : byte,
);

/**
 * One spelling for names that readers take for one: CGI and its heirs make `_` of each `-`, PHP of each `.` as well, and
 * lighttpd of everything that is no letter and no digit. Byte by byte: a client may send a megabyte of such signs, and
 * replacements in a string take 80 ms for them.
 *
 * @param name ASCII
 */
export function toDashed(name: string): string {
  if (!otherSign.test(name)) return name;
  const bytes = Buffer.from(name, 'latin1');
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = dashed[bytes[index] as number] as number;
  }
  return bytes.toString('latin1');
}

/** Header values are bytes; a character outside Latin-1 travels as its UTF-8 bytes. */
export function toWireValue(value: string): string {
  return /[^\0-\xff]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}

/**
 * @returns the host of a `Host` header: without its port, which may be empty (RFC 3986 §3.2.3), and without the dot that ends
 *   a name of DNS
 */
export function toHostName(header: string): string {
  const colon = header.lastIndexOf(':');
  const hasPort = colon !== -1 && /^\d*$/.test(header.slice(colon + 1));
  return (hasPort ? header.slice(0, colon) : header).replace(/\.$/, '');
}
