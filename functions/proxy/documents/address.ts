/** IP addresses and ranges of them, in one form each, so that an address has no second spelling to slip past a list. */
import { BlockList, isIP, SocketAddress } from 'node:net';
import * as v from 'valibot';

const bits = { ipv4: 32, ipv6: 128 } as const;
const mappedPrefix = '::ffff:';

type Family = keyof typeof bits;

interface Range {
  readonly family: Family;
  readonly address: string;
  readonly length: number;
}

/**
 * @returns the address as it is written canonically (RFC 5952), an IPv4 one that is mapped into IPv6 as IPv4; undefined
 *   for anything else, and for one with a zone, which means something on its own machine alone
 */
export function toAddress(text: string): string | undefined {
  const version = isIP(text);
  if (version === 0 || text.includes('%')) return undefined;
  if (version === 4) return text;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const mapped = address.slice(mappedPrefix.length);
  return address.startsWith(mappedPrefix) && isIP(mapped) === 4 ? mapped : address;
}

const bitsOfHost = 64n;

/**
 * @returns the network of an IPv6 address: a client has at least a /64 of its own (RFC 6177 §2) and may write any address of
 *   it. An IPv4 address, and anything else, as it is
 */
export function toClientNetwork(text: string): string {
  const address = toAddress(text) ?? text;
  if (isIP(address) !== 6 || address.includes('%')) return address;
  return `${(toNumber(address) >> bitsOfHost).toString(16)}::/64`;
}

/** An address, or a range in CIDR notation. */
export const addressRange = v.pipe(
  v.string(),
  v.check(
    (text) => parseRange(text) !== undefined,
    'an IPv4 or IPv6 address, or a range of them such as 10.0.0.0/8 or 2001:db8::/32',
  ),
);

/** A set of IPv4 and IPv6 addresses and CIDR ranges (RFC 4632). */
export interface AddressSet {
  /** @returns undefined for what is no address: a list to let in and one to keep out want different answers */
  has(address: string): boolean | undefined;
}

/** @param ranges that fit `addressRange` */
export function createAddressSet(ranges: readonly string[]): AddressSet {
  // One list would take ::/0 for every IPv4 address as well.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of ranges) {
    const range = parseRange(text);
    if (range) lists[range.family].addSubnet(range.address, range.length, range.family);
  }
  return {
    has(text) {
      const address = toAddress(text);
      if (address === undefined) return undefined;
      const family = toFamily(address);
      return lists[family].check(address, family);
    },
  };
}

/** @returns whether the ranges together hold every IPv4 or every IPv6 address: a list of them keeps out few or none */
export function coversFamily(ranges: readonly string[]): boolean {
  const parsed = ranges.flatMap((text) => parseRange(text) ?? []);
  return (Object.keys(bits) as Family[]).some((family) =>
    coversAll(
      parsed.filter((range) => range.family === family),
      bits[family],
    ),
  );
}

function coversAll(ranges: readonly Range[], width: number): boolean {
  const spans = ranges.map(({ address, length }) => {
    const shift = BigInt(width - length);
    const start = (toNumber(address) >> shift) << shift;
    return { start, end: start + (1n << shift) };
  });
  spans.sort((a, b) => (a.start < b.start ? -1 : 1));
  let covered = 0n;
  for (const { start, end } of spans) {
    if (start > covered) return false;
    if (end > covered) covered = end;
  }
  return covered === 1n << BigInt(width);
}

/** An address in canonical form as one number. */
function toNumber(address: string): bigint {
  if (!address.includes(':')) {
    return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  }
  // An IPv4 address may stand at the end (RFC 5952 §5).
  const lastColon = address.lastIndexOf(':');
  const dotted = address.includes('.') ? address.slice(lastColon + 1) : undefined;
  const before = dotted === undefined ? address : address.slice(0, lastColon + 1);
  const number = dotted === undefined ? 0n : toNumber(dotted);
  const last =
    dotted === undefined
      ? ''
      : `${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`;
  const [head = '', tail] = `${before}${last}`
    .split('::')
    .map((text) => text.split(':').filter(Boolean));
  const [front, back] = [[...head], [...(tail ?? [])]];
  const zeros = Array(8 - front.length - back.length).fill('0');
  const groups = tail === undefined ? front : [...front, ...zeros, ...back];
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function parseRange(text: string): Range | undefined {
  const [, written = '', suffix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = toAddress(written);
  if (address === undefined) return undefined;
  const family = toFamily(address);
  const isMapped = family === 'ipv4' && written.includes(':');
  const length = Number(suffix ?? (isMapped ? bits.ipv6 : bits[family])) - (isMapped ? 96 : 0);
  return length < 0 || length > bits[family] ? undefined : { family, address, length };
}

function toFamily(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
