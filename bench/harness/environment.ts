/** The environment variables of the measured process. The keys are invented. */
import type { PeerAddress } from '../programs/peer.ts';

/** The tree with routes alone, and the tree with plugins and a consumer (bench/programs/peer.ts). */
const plainTree = '/countersign/bench';
export const pluginTree = '/countersign/plugins';

export function toProxyEnvironment({ host, ssmPort }: PeerAddress): Record<string, string> {
  return {
    COUNTERSIGN_PARAMETER_PATH: plainTree,
    COUNTERSIGN_ALLOWED_HOSTS: host,
    // A figure uses one table throughout, because another figure measures refreshes.
    COUNTERSIGN_REFRESH_SECONDS: '86400',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDBENCH',
    AWS_SECRET_ACCESS_KEY: 'bench-secret',
    AWS_SESSION_TOKEN: 'bench-session-token'.repeat(20),
    AWS_ENDPOINT_URL_SSM: `http://${host}:${ssmPort}`,
    // The user's own profiles have no effect.
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  };
}
