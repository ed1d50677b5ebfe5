/** Headers as plugins may believe them: what a plugin of the route has said, and else the client's own. */
import { toDashed } from '../http/headers.ts';
import type { Exchange } from './exchange.ts';

/** Only the proxy sets these, whatever the route. */
const alwaysReserved = /^(x-consumer-.*|x-credential-identifier|x-original-authorization)$/;

/**
 * @param name lower case
 * @returns what plugins have said under the name; the client's header where no plugin of the route may set one
 */
export function readSaidHeader(exchange: Exchange, name: string): string | undefined {
  const { identity, reserved, request } = exchange;
  const dashed = toDashed(name);
  for (const [own, value] of identity) if (toDashed(own) === dashed) return value;
  const isReserved = reserved.has(dashed) || alwaysReserved.test(dashed);
  return isReserved ? undefined : request.headers[name];
}
