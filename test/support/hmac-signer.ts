/** Signs requests for hmac-auth. It is written from APISIX's page of the plugin alone. */
import { createHash, createHmac } from 'node:crypto';
import type { ClientRequest } from './client.ts';

type Headers = [name: string, value: string][];

/** The current time plus an offset. */
export const date = (offsetSeconds = 0) =>
  new Date(Date.now() + offsetSeconds * 1000).toUTCString();
export const digestOf = (body: string) =>
  `SHA-256=${createHash('sha256').update(body).digest('base64')}`;

export interface Signing {
  readonly keyId?: string;
  readonly secret?: string;
  readonly algorithm?: string;
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Headers;
  /** @default @request-target and every header, in order */
  readonly signed?: readonly string[];
  readonly body?: string;
}

/** Signs a request: the key id, then each signed part on a line. */
export function toSignedRequest({
  keyId = 'john-key',
  secret = 'john-secret-key',
  algorithm = 'hmac-sha256',
  method = 'GET',
  target = '/plain',
  headers = [['date', date()]],
  signed = ['@request-target', ...headers.map(([name]) => name)],
  body,
}: Signing = {}): ClientRequest {
  const lines = signed.map((name) => {
    if (name === '@request-target') return `${method} ${target}`;
    return `${name}: ${headers.find(([own]) => own.toLowerCase() === name.toLowerCase())?.[1]}`;
  });
  const signature = createHmac(algorithm.slice('hmac-'.length), secret)
    .update([keyId, ...lines, ''].join('\n'))
    .digest('base64');
  const authorization = `Signature keyId="${keyId}",algorithm="${algorithm}",headers="${signed.join(' ')}",signature="${signature}"`;
  return {
    method,
    target,
    headers: [...headers, ['Authorization', authorization]],
    ...(body === undefined ? {} : { body }),
  };
}

/** The same request with another `Authorization`. */
export const withAuthorization = (request: ClientRequest, change: (value: string) => string) => ({
  ...request,
  headers: (request.headers ?? []).map(([name, value]): [string, string] => [
    name,
    name === 'Authorization' ? change(value) : value,
  ]),
});
