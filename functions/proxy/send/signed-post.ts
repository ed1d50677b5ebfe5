/** POSTs to an AWS service through our own sign and send. */

import type { HeaderList, ProxyResponse, UpstreamRequest } from '../http/message.ts';
import type { Clock } from '../http/time.ts';
import type { CredentialsProvider } from '../sign/provider.ts';
import { createSigner } from '../sign/sign.ts';
import { createEndpointPool } from './connections.ts';
import { gatherBody } from './gather.ts';
import { sendOwn, sendRequest } from './send.ts';

/** How a POST to an AWS service is signed and sent. */
export interface SignedPostOptions {
  readonly endpoint: URL;
  readonly region: string;
  /** Of the credential scope, such as `ssm`. */
  readonly service: string;
  /** Most idle connections kept. */
  readonly poolSize: number;
  readonly credentials: CredentialsProvider;
  readonly now: Clock;
}

/**
 * @param headers besides `host` and `content-length`
 * @throws ProxyError when the endpoint can't be reached or takes too long
 */
export type SignedPost = (
  headers: HeaderList,
  body: Buffer,
  timeoutMs: number,
) => Promise<ProxyResponse>;

/** @returns a function that posts once; a kept connection that had died is replaced, and the post made again */
export function createSignedPost(options: SignedPostOptions): SignedPost {
  const { endpoint, region, service, poolSize, credentials, now } = options;
  const isPlain = endpoint.protocol === 'http:';
  const origin = {
    protocol: isPlain ? ('http:' as const) : ('https:' as const),
    hostname: endpoint.hostname.replace(/^\[|\]$/g, ''),
    port: Number(endpoint.port || (isPlain ? 80 : 443)),
  };
  const settings = { keepalive: true, poolSize, idleTimeoutMs: 20_000, verifyTls: true };
  const pool = createEndpointPool(origin, settings, now);
  const sign = createSigner({ region, service });
  return (headers, body, timeoutMs) => {
    const length = ['content-length', String(body.length)] as const;
    const request: UpstreamRequest = {
      method: 'POST',
      path: endpoint.pathname,
      query: '',
      headers: [['host', endpoint.host], ...headers, length],
      body,
    };
    const attempt = async () => {
      const signed = sign(request, await credentials(), now());
      const deadlineMs = now() + timeoutMs;
      const times = { headersDeadlineMs: deadlineMs, silenceMs: timeoutMs, deadlineMs, now };
      return sendRequest(signed, { origin, pool, ...times });
    };
    return sendOwn(attempt, pool);
  };
}

/** @returns the whole body as text */
export async function readText(response: ProxyResponse): Promise<string> {
  return (await gatherBody(response)).toString('utf8');
}
