/** Apache APISIX's `real-ip`: the client's address as a proxy in front says it, where that proxy is one to be believed. */
import { isIP } from 'node:net';
import * as v from 'valibot';
import { strictObject } from '../routes/document-error.ts';
import type { Exchange } from '../types.ts';
import { type AddressSet, addressRange, createAddressSet, toAddress } from './address.ts';
import { listOf } from './attributes.ts';
import { definePlugin } from './plugin.ts';
import { findVariable } from './variables.ts';

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

export const realIp = definePlugin({
  name: 'real-ip',
  priority: 23_000,
  schema,
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

/** @returns undefined for what is missing or no address: the peer stays the client then */
type ReadAddress = (exchange: Exchange) => string | undefined;

function createReader({ source, recursive }: RealIpConfig, trusted: AddressSet): ReadAddress {
  const read = findVariable(source);
  return (exchange) => {
    const value = read?.(exchange)?.trim();
    if (value === undefined) return undefined;
    if (source === viewerAddress) return parseAddress(value.replace(/:(\d{1,5})$/, ''));
    if (source !== forwardedFor) return parseAddress(value);
    const entries = value.split(',').map((entry) => parseAddress(entry.trim()));
    // The function URL's own entry, which names the peer that is believed.
    if (entries.at(-1) === toAddress(exchange.request.sourceIp)) entries.pop();
    if (!recursive) return entries.at(-1);
    const claimed = entries.findLastIndex((entry) => entry === undefined || !trusted.has(entry));
    return entries[Math.max(0, claimed)];
  };
}

/** An address with or without port, an IPv6 one in brackets where it has a port. */
function parseAddress(text: string): string | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (bracketed === undefined && plain === undefined) return toAddress(text);
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? toAddress(bracketed) : undefined;
  return toAddress(plain ?? '');
}
