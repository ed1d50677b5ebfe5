/** Headers as plugins may believe them: what a plugin of the route has said, and else the client's own. */
import { isSetByPlugins } from '../http/header-names.ts';
import { toDashed } from '../http/headers.ts';
import type { Exchange } from './exchange.ts';

/**
 * @param name lower case
 * @returns what plugins have said under the name; the client's header where no plugin of the route may set one
 */
export function readSaidHeader(exchange: Exchange, name: string): string | undefined {
  const { identity, reserved, request } = exchange;
  const dashed = toDashed(name);
  for (const [own, value] of identity) if (toDashed(own) === dashed) return value;
  const isReserved = reserved.has(dashed) || isSetByPlugins(dashed);
  return isReserved ? undefined : request.headers[name];
}
