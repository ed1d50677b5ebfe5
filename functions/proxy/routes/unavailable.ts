/** Routes that are in force and cannot be served. */
import type { Handle } from '../chain/exchange.ts';
import { ProxyError } from '../http/errors.ts';
import type { Route } from './route.ts';
import type { SharedObject } from './shared/shared-object.ts';

/**
 * Makes the route answer 503 to every request that it matches.
 *
 * @param reason why, for the access line
 */
export function toUnavailable<T extends Pick<Route, 'parameter'>>(
  route: T,
  reason: string,
): T & Pick<Route, 'isAvailable' | 'isOpen' | 'plugins' | 'handle' | 'reason'> {
  const handle = createRefusal(`a route of ${route.parameter}`, reason);
  return { ...route, isAvailable: false, isOpen: false, plugins: [], reason, handle };
}

/** Makes every route and consumer unavailable that names the object. */
export function toUnavailableObject(
  object: Omit<SharedObject, 'isAvailable'>,
  reason: string,
): SharedObject {
  return {
    ...object,
    isAvailable: false,
    plugins: [],
    reason,
    digest: `${object.digest}: ${reason}`,
  };
}

/** Why something is not available that the publisher accepted. */
export const notBuilt = 'it cannot be built here: see invalid-document';

/**
 * @param subject what is not available
 * @returns what throws ProxyError `ROUTES_UNAVAILABLE`, always; its message is the `cause` of the access line
 */
export function createRefusal(
  subject: string,
  reason = 'the invalid-document line of the publisher says why',
): Handle {
  return async () => {
    throw new ProxyError('ROUTES_UNAVAILABLE', `${subject} is not available: ${reason}`, {
      headers: { 'retry-after': '10' },
    });
  };
}
