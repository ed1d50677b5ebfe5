/** URL and keys of the baseline "direct call". They are the proxy's own. */
import type { Bench } from '../harness/figure.ts';
import type { DirectOptions } from '../programs/direct-call.ts';

export function toDirectTarget({ peer, env }: Bench): Omit<DirectOptions, 'body' | 'path'> {
  return {
    host: peer.host,
    port: peer.upstreamPort,
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    sessionToken: env['AWS_SESSION_TOKEN'] ?? '',
  };
}
