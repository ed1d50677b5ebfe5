/** The environment of the measured process, as DESIGN §5 names it; the keys open nothing. */
import type { PeerAddress } from '../programs/peer.ts';

/** The tree with nothing but routes, and the one with plugins and a consumer (bench/programs/peer.ts). */
const plainTree = '/countersign/bench';
export const pluginTree = '/countersign/plugins';

export function toProxyEnvironment({ host, ssmPort }: PeerAddress): Record<string, string> {
  return {
    COUNTERSIGN_PARAMETER_PATH: plainTree,
    COUNTERSIGN_ALLOWED_HOSTS: host,
    // One table for a whole figure: what a refresh costs is a figure of its own.
    COUNTERSIGN_REFRESH_SECONDS: '86400',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDBENCH',
    AWS_SECRET_ACCESS_KEY: 'bench-secret',
    AWS_SESSION_TOKEN: 'bench-session-token'.repeat(20),
    AWS_ENDPOINT_URL_SSM: `http://${host}:${ssmPort}`,
    // Nobody's own profiles take part.
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  };
}
