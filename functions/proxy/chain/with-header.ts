/** Changes one header of the request that the plugins further in see. */
import { toDashed } from '../http/headers.ts';
import type { Exchange } from './exchange.ts';

/** Takes a header off the request, so that it goes nowhere: a client's `authorization` not under another name either. */
export function withoutHeader(exchange: Exchange, name: string): Exchange {
  return withHeader(exchange, name, undefined);
}

/**
 * Takes the place of the header in both of its spellings, `-` and `_`: readers that know one name would see two values.
 *
 * @param value undefined takes the header off the request
 */
export function withHeader(exchange: Exchange, name: string, value: string | undefined): Exchange {
  const { request } = exchange;
  // No prototype, as the request's own: `constructor` is a header name like any other.
  const headers: Record<string, string> = Object.create(null);
  const dashed = toDashed(name);
  for (const [own, text] of Object.entries(request.headers)) {
    if (toDashed(own) !== dashed) headers[own] = text;
  }
  if (value !== undefined) headers[name] = value;
  return { ...exchange, request: { ...request, headers } };
}
