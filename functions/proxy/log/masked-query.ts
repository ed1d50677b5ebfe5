/** A query for the debug log: the names as they came, the values of credentials masked. */
import { decodeOnce } from '../http/percent.ts';
import { withMaskedParameter } from '../http/query.ts';

const mask = '***';

/** Parameters that commonly hold a credential, besides those of documents: tokens, presigned URLs, sign-in responses. */
const secretName =
  /token|secret|passw|passphrase|pwd|credential|signature|assertion|saml|jwt|session|bearer|hmac|api[-_.]?key|access[-_.]?key|^(x[-_.])?(auth|authorization|code|key|key-pair-id|nonce|otp|pass|pin|policy|sid|sig|state)$/i;

/**
 * @param names of the parameters that plugins read credentials from; undefined while no table tells, which masks every value
 */
export function maskQuery(query: string, names: ReadonlySet<string> | undefined): string {
  if (!names) return query.replace(/=[^&]*/g, `=${mask}`);
  let text = query;
  for (const name of names) text = withMaskedParameter(text, name, mask);
  return text
    .split('&')
    .map((part) => {
      const end = part.indexOf('=');
      if (end === -1 || !secretName.test(decodeOnce(part.slice(0, end)))) return part;
      return `${part.slice(0, end)}=${mask}`;
    })
    .join('&');
}
