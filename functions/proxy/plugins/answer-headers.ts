/** Headers for whatever the rest of a route answers, an error of the proxy's own as well. */
import { toProxyError } from '../errors.ts';
import type { ProxyResponse } from '../types.ts';

/**
 * What the answer says itself under the same names stays; of cookies there may be several.
 *
 * @param added by lower-case name
 * @throws ProxyError with the headers, where the rest of the route throws
 */
export async function withAnswerHeaders(
  answer: Promise<ProxyResponse>,
  added: Readonly<Record<string, string>>,
): Promise<ProxyResponse> {
  try {
    const response = await answer;
    const own = response.headers.filter(([name, value]) => value !== '' || !(name in added));
    const names = new Set(own.map(([name]) => name));
    names.delete('set-cookie');
    const others = Object.entries(added).filter(([name]) => !names.has(name));
    return { ...response, headers: [...own, ...others] };
  } catch (thrown) {
    throw toProxyError(thrown).withHeaders(added);
  }
}
