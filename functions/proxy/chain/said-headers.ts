/** Headers as plugins may believe them: what the proxy or a plugin of the route has said, and else the client's own. */
import { isHiddenFromPlugins } from '../http/header-names.ts';
import { toDashed } from '../http/headers.ts';
import type { ProxyRequest } from '../http/message.ts';
import type { Exchange } from './exchange.ts';

/** Values that the proxy itself knows; the client's own headers of these names do not count. */
const known: Readonly<Record<string, (request: ProxyRequest) => string>> = {
  'x-forwarded-host': ({ host }) => host,
  'x-forwarded-proto': () => 'https',
  'x-real-ip': ({ clientIp }) => clientIp,
};

type Said = Pick<Exchange, 'request' | 'identity' | 'reserved' | 'carriers'>;

/**
 * @param name lower case
 * @returns the value that plugins or the proxy set; else the client's header, if clients may set it
 */
export function readSaidHeader(exchange: Said, name: string): string | undefined {
  const { identity, request } = exchange;
  const dashed = toDashed(name);
  for (const [own, value] of identity) if (toDashed(own) === dashed) return value;
  if (Object.hasOwn(known, dashed)) return known[dashed]?.(request);
  return isHidden(exchange, dashed) ? undefined : request.headers[name];
}

/** @param name lower case. @returns whether only plugins can have set the header's value, if there is any */
export function isSaidByPlugins(exchange: Said, name: string): boolean {
  const dashed = toDashed(name);
  const isSaid = [...exchange.identity.keys()].some((own) => toDashed(own) === dashed);
  return isSaid || (!Object.hasOwn(known, dashed) && isHidden(exchange, dashed));
}

function isHidden({ reserved, carriers }: Said, dashed: string): boolean {
  return reserved.has(dashed) || carriers.has(dashed) || isHiddenFromPlugins(dashed);
}
