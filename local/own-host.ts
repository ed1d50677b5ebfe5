/** Whether a request means this machine, or a web page sent it under a name of its own. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Names that no one else can give an address. Containers know this machine by the second one. */
const ownNames = new Set(['localhost', 'host.docker.internal']);

/**
 * Whether the `Host` header of a request is an address, or a name that is this machine's everywhere. A web page may give its
 * own name the address 127.0.0.1 (DNS rebinding). The browser then sends its requests here, and shows it the responses.
 */
export function isForOwnHost({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const name = (headers.host ?? '').replace(/:\d*$/, '').toLowerCase();
  return ownNames.has(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}
