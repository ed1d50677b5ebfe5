/** The address of a service that a document relies on. */
import {
  documentError,
  type ParseContext,
  pointerTo,
  unfulfilledError,
} from '../routes/document-error.ts';
import { type AllowedHost, findForbiddenService } from './hosts.ts';
import { parseTarget, type Target, TargetError } from './target.ts';

/**
 * @param name of the attribute that holds it, for the error
 * @throws DocumentError at that attribute
 */
export function parseServiceUri(
  uri: string,
  name: string,
  { allowedHosts, pointer, written }: ParseContext & { allowedHosts: readonly AllowedHost[] },
): Target {
  try {
    return parseTarget(uri, allowedHosts, findForbiddenService);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const found = (written as Readonly<Record<string, unknown>>)[name];
    const toError = error.isForbidden ? unfulfilledError : documentError;
    throw toError(pointerTo(pointer, name), found, error.message);
  }
}
