/** Headers that a plugin adds to the response of the rest of the route. */
import { toProxyError } from '../http/errors.ts';
import type { ProxyResponse } from '../http/message.ts';
import type { Exchange, Handle } from './exchange.ts';

/** What a plugin adds to an answer. */
export interface AddedHeaders {
  /** By lower-case name; they replace the response's headers of the same names. */
  readonly set?: Readonly<Record<string, string>>;
  /** By lower-case name; added only if the response lacks them. `set-cookie` is always added. */
  readonly offered?: Readonly<Record<string, string>>;
  /** Names that the answer loses. @default none */
  readonly isDropped?: (name: string) => boolean;
  /** Added to `Vary`, unless `Vary` has it already. */
  readonly vary?: string;
}

/** Runs the rest of the route and adds the headers to its response, or to the error that it throws. */
export async function answerWith(
  exchange: Exchange,
  next: Handle,
  added: AddedHeaders,
): Promise<ProxyResponse> {
  try {
    const response = await next(exchange);
    return withHeaders(response, added);
  } catch (thrown) {
    const error = toProxyError(thrown);
    const vary = toVary([...Object.entries(error.headers)], added.vary);
    throw error.withHeaders({ ...added.offered, ...error.headers, ...added.set, ...vary });
  }
}

/**
 * Adds a plugin's headers to a response: removes what `isDropped` names, replaces what `set` holds, and adds what
 * `offered` holds only where the response lacks it. The response is not changed; the result is a new value.
 */
export function withHeaders(response: ProxyResponse, added: AddedHeaders): ProxyResponse {
  const { set = {}, offered = {} } = added;
  const kept = response.headers.filter(
    ([name, value]) =>
      !Object.hasOwn(set, name) &&
      !added.isDropped?.(name) &&
      (value !== '' || !Object.hasOwn(offered, name)),
  );
  const names = new Set(kept.map(([name]) => name));
  names.delete('set-cookie');
  const accepted = Object.entries(offered).filter(([name]) => !names.has(name));
  const vary = Object.entries(toVary(kept, added.vary));
  const others = vary.length === 0 ? kept : kept.filter(([name]) => name !== 'vary');
  return { ...response, headers: [...others, ...accepted, ...Object.entries(set), ...vary] };
}

function toVary(
  headers: ProxyResponse['headers'],
  name: string | undefined,
): Readonly<Record<string, string>> {
  if (name === undefined) return {};
  const said = headers.filter(([own]) => own === 'vary').flatMap(([, value]) => value.split(','));
  const names = said.map((text) => text.trim()).filter(Boolean);
  const isSaid = names.some((own) => own === '*' || own.toLowerCase() === name.toLowerCase());
  return { vary: (isSaid ? names : [...names, name]).join(', ') };
}
