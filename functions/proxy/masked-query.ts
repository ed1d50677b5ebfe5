/** A query for the debug log: the names as they came, the values of credentials masked. */
import { toMatchKey } from './path.ts';

/** Parameters that commonly hold a credential, whatever the route says. */
const secretName =
  /^(x-amz-(security-token|signature|credential)|api[_-]?key|key|(access|id|refresh)[_-]token|token|jwt|auth|authorization|session|code|client[_-]secret|secret|password|sig|signature)$/i;

/** @param names of the parameters that the route's plugins read credentials from */
export function maskQuery(query: string, names: readonly string[]): string {
  return query
    .split('&')
    .map((part) => {
      const end = part.indexOf('=');
      if (end === -1) return part;
      const name = toMatchKey(part.slice(0, end));
      const isSecret = secretName.test(name) || names.includes(name);
      return isSecret ? `${part.slice(0, end)}=***` : part;
    })
    .join('&');
}
