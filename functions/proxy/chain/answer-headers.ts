/** Headers that a plugin adds to whatever the rest of the route answers. */
import { toProxyError } from '../http/errors.ts';
import type { ProxyResponse } from '../http/message.ts';
import type { Exchange, Handle } from './exchange.ts';

/** What a plugin adds to an answer. */
export interface AddedHeaders {
  /** By lower-case name; they stand in the place of whatever the answer has under that name. */
  readonly set?: Readonly<Record<string, string>>;
  /** By lower-case name; they give way to what the answer says itself. Of cookies there may be several. */
  readonly offered?: Readonly<Record<string, string>>;
  /** Names that the answer loses. @default none */
  readonly isDropped?: (name: string) => boolean;
  /** Added to `Vary`, where it is not said yet. */
  readonly vary?: string;
}

/** Runs the rest of the route; its answer carries the headers, and an error of ours does as well. */
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
