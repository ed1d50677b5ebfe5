/** Apache APISIX's `real-ip`: takes the client's address from a header of a trusted proxy in front. */
import { isIP } from 'node:net';
import * as v from 'valibot';
import type { Exchange } from '../../chain/exchange.ts';
import {
  type AddressSet,
  addressRange,
  coversFamily,
  createAddressSet,
  toAddress,
} from '../../documents/address.ts';
import { listOf } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import { isSetByFront } from '../../http/header-names.ts';
import { definePlugin } from '../plugin.ts';
import { findVariable, headersOf, type ReadVariable } from '../variables.ts';

const forwardedFor = 'http_x_forwarded_for';
/** CloudFront writes the port behind every address, and no brackets around an IPv6 one. */
const viewerAddress = 'http_cloudfront_viewer_address';

const schema = v.pipe(
  strictObject({
    source: v.pipe(
      v.string(),
      v.check(
        (name) => /^(http|arg|cookie)_/.test(name) && findVariable(name) !== undefined,
        'http_<header>, arg_<parameter> or cookie_<name>, such as http_x_forwarded_for',
      ),
    ),
    trusted_addresses: v.optional(listOf(addressRange)),
    recursive: v.optional(v.boolean(), false),
  }),
  v.check(
    ({ trusted_addresses }) => trusted_addresses !== undefined,
    'trusted_addresses beside source: a function URL is public, and without them any client could claim any address (["0.0.0.0/0", "::/0"] believes everyone)',
  ),
);

type RealIpConfig = v.InferOutput<typeof schema>;

/** Takes the client's address from a trusted proxy in front. docs/plugins/real-ip.md. */
export const realIp = definePlugin({
  name: 'real-ip',
  priority: 23_000,
  schema,
  // A trusted proxy passes parameters and cookies on as the client wrote them.
  clientChoosesAddress: ({ source, trusted_addresses = [] }) =>
    /^(arg|cookie)_/.test(source) || coversFamily(trusted_addresses),
  create(config) {
    const trusted = createAddressSet(config.trusted_addresses ?? []);
    const read = createReader(config, trusted);
    return (exchange, next) => {
      const { request } = exchange;
      const clientIp = trusted.has(request.sourceIp) ? read(exchange) : undefined;
      return next(
        clientIp === undefined ? exchange : { ...exchange, request: { ...request, clientIp } },
      );
    };
  },
});

/** @returns undefined if the value is missing or not an address; the peer then counts as the client */
type ReadAddress = (exchange: Exchange) => string | undefined;

function createReader({ source, recursive }: RealIpConfig, trusted: AddressSet): ReadAddress {
  const read = findSource(source);
  return (exchange) => {
    const value = read?.(exchange);
    if (value === undefined) return undefined;
    if (source === forwardedFor) {
      const entries = readLastEntries(value, recursive ? maxEntries : 2);
      return findClient(entries, exchange.request.sourceIp, recursive ? trusted : undefined);
    }
    return parseWhole(source === viewerAddress ? withoutPort(value) : value);
  };
}

function withoutPort(value: string): string {
  return value.trimEnd().replace(/:\d{1,5}$/, '');
}

function parseWhole(value: string): string | undefined {
  const text = value.trim();
  return text.length > maxEntryCharacters ? undefined : parseAddress(text);
}

/** Headers of proxies in front (`x-real-ip`, `cf-connecting-ip`, …) are hidden from other plugins. This one checks the peer first. */
function findSource(source: string): ReadVariable | undefined {
  const [header] = headersOf(source);
  if (header === undefined || !isSetByFront(header)) return findVariable(source);
  return ({ request }) => request.headers[header];
}

/** Entries, counted from the last one, which is the nearest. No chain of proxies is longer; a client may send a million. */
const maxEntries = 100;
/** The longest address with brackets and port has 47 characters. */
const maxEntryCharacters = 100;

function readLastEntries(value: string, limit: number): readonly string[] {
  const entries: string[] = [];
  let end = value.length;
  while (end >= 0 && entries.length < limit) {
    const start = end === 0 ? 0 : value.lastIndexOf(',', end - 1) + 1;
    const entry = value.slice(start, end).trim();
    entries.push(entry.length > maxEntryCharacters ? '' : entry);
    end = start - 1;
  }
  return entries;
}

/**
 * @param entries nearest first
 * @param trusted undefined takes the nearest; else the nearest that is not one of them, or the furthest
 */
function findClient(
  entries: readonly string[],
  sourceIp: string,
  trusted: AddressSet | undefined,
): string | undefined {
  // The function URL's own entry is the peer, which is trusted.
  const isOwn = parseAddress(entries[0] ?? '') === toAddress(sourceIp);
  const others = isOwn ? entries.slice(1) : entries;
  if (!trusted) return parseAddress(others[0] ?? '');
  let client: string | undefined;
  for (const entry of others) {
    client = parseAddress(entry);
    if (client === undefined || !trusted.has(client)) return client;
  }
  return client;
}

/** An address with or without port; an IPv6 one in brackets where it has a port. */
function parseAddress(text: string): string | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (bracketed === undefined && plain === undefined) return toAddress(text);
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? toAddress(bracketed) : undefined;
  return toAddress(plain ?? '');
}
