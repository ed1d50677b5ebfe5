/** Changes one header of the request that the plugins further in see. */
import { toDashed } from '../http/headers.ts';
import type { Exchange } from './exchange.ts';

/** Takes a header off the request, so that it goes nowhere: not even `forward_as` carries a client's `authorization` then. */
export function withoutHeader(exchange: Exchange, name: string): Exchange {
  return withHeader(exchange, name, undefined);
}

/**
 * Replaces the header in all its spellings (`-`, `_`, `.`), because an upstream may read all of them as one name.
 *
 * @param value undefined takes the header off the request
 */
export function withHeader(exchange: Exchange, name: string, value: string | undefined): Exchange {
  const copied = withOwnHeaders(exchange);
  putHeader(copied.headers, name, value);
  return copied.exchange;
}

/** Headers that nobody else holds, so that they may be changed. */
export type OwnHeaders = Record<string, string>;

/** @returns the exchange with a copy of its headers. A client may send thousands, so several changes share one copy */
export function withOwnHeaders(exchange: Exchange) {
  const { request } = exchange;
  // No prototype, as the request's own: `constructor` is a header name like any other.
  const headers: OwnHeaders = Object.assign(Object.create(null), request.headers);
  return { headers, exchange: { ...exchange, request: { ...request, headers } } };
}

/** As {@link withHeader}, for headers that are a copy already. */
export function putHeader(headers: OwnHeaders, name: string, value: string | undefined): void {
  const dashed = toDashed(name);
  for (const own of Object.keys(headers)) {
    // All spellings are equally long. A client may send a megabyte of longer names, which are not read.
    if (own.length === name.length && toDashed(own) === dashed) delete headers[own];
  }
  if (value !== undefined) headers[name] = value;
}

/**
 * Makes a function that removes the other spellings of headers that a plugin decides by. An upstream that reads `x_tenant` as
 * `x-tenant` would read a value that the plugin has not seen.
 *
 * @param names lower case
 */
export function createSpellingFilter(names: ReadonlySet<string>): (exchange: Exchange) => Exchange {
  if (names.size === 0) return (exchange) => exchange;
  const dashed = new Set([...names].map(toDashed));
  const isOther = (name: string) => !names.has(name) && dashed.has(toDashed(name));
  return (exchange) => {
    const { request } = exchange;
    const others = Object.keys(request.headers).filter(isOther);
    if (others.length === 0) return exchange;
    const headers: Record<string, string> = Object.assign(Object.create(null), request.headers);
    for (const name of others) delete headers[name];
    return { ...exchange, request: { ...request, headers } };
  };
}
