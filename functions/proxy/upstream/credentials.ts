/** Where a signer's keys come from. Providers are asked at every request and decide by themselves what to keep. */
import type { Config, Credentials } from '../config.ts';
import { ProxyError } from '../errors.ts';
import { withTimeLimit } from '../time-limit.ts';
import type { Clock } from '../types.ts';

/**
 * @param rejectedKeyId access key that an upstream has just called expired: if it is the one that is kept, it is not
 *   good enough any more
 * @throws ProxyError `CREDENTIALS_UNAVAILABLE`
 */
export type CredentialsProvider = (rejectedKeyId?: string) => Promise<Credentials>;

export interface AssumedRole {
  readonly roleArn: string;
  readonly externalId: string | undefined;
  readonly sessionName: string;
}

export interface CredentialSources {
  /** The function's execution role. */
  readonly execution: CredentialsProvider;
  /** A role assumed with the execution role's credentials; one provider a role, external id and session name. */
  assume(role: AssumedRole): CredentialsProvider;
}

/** Keys are replaced this long before they expire, while the old ones still work. */
const refreshAheadMs = 5 * 60_000;
/** Two tries of the SDK, and a little more. */
const sourceTimeoutMs = 8000;

/** @returns sources that import the AWS SDK only when a role is assumed or a container endpoint is asked */
export function createCredentialSources(config: Config, now: Clock): CredentialSources {
  const assumed = new Map<string, CredentialsProvider>();
  const container = cacheCredentials(async () => {
    const { readContainerCredentials } = await import('./sdk-credentials.ts');
    return readContainerCredentials();
  }, now);
  const execution: CredentialsProvider = async (rejectedKeyId) => {
    const credentials = config.readEnvironmentCredentials();
    if (credentials) return credentials;
    if (config.hasContainerCredentials) return container(rejectedKeyId);
    throw new ProxyError(
      'CREDENTIALS_UNAVAILABLE',
      'no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; on Lambda the execution role sets them',
    );
  };
  return {
    execution,
    assume(role) {
      const key = JSON.stringify([role.roleArn, role.externalId, role.sessionName]);
      const provider =
        assumed.get(key) ?? cacheCredentials(() => assumeRole(role, execution, config), now);
      assumed.set(key, provider);
      return provider;
    },
  };
}

async function assumeRole(
  role: AssumedRole,
  execution: CredentialsProvider,
  { region, stsEndpoint }: Config,
): Promise<Credentials> {
  const { readAssumedRole } = await import('./sdk-credentials.ts');
  return readAssumedRole(role, { execution, region, stsEndpoint });
}

/**
 * Single-flight; refreshed ahead of expiry; the old keys serve as long as they are valid when the source fails. A
 * source that hangs, or that was asked before the environment froze, is given up: nobody waits for the same call for ever.
 */
export function cacheCredentials(
  read: () => Promise<Credentials>,
  now: Clock,
): CredentialsProvider {
  let kept: Credentials | undefined;
  let pending: { readonly promise: Promise<Credentials>; readonly sinceMs: number } | undefined;
  const refresh = (): Promise<Credentials> => {
    if (pending && now() - pending.sinceMs < sourceTimeoutMs) return pending.promise;
    const promise = withTimeLimit(read(), sourceTimeoutMs, () => {
      throw new Error(`no answer within ${sourceTimeoutMs} ms`);
    });
    const own = { promise, sinceMs: now() };
    pending = own;
    promise
      .then((credentials) => {
        kept = credentials;
      })
      // Whoever waits for the promise sees the failure.
      .catch(() => {})
      .finally(() => {
        if (pending === own) pending = undefined;
      });
    return promise;
  };
  return async (rejectedKeyId) => {
    if (kept && kept.accessKeyId === rejectedKeyId) kept = undefined;
    const leftMs = kept ? (kept.expiration?.getTime() ?? 0) - now() : 0;
    if (kept && leftMs > refreshAheadMs) return kept;
    if (kept && leftMs > 0) {
      // Background renewal: a failure shows once the old keys have expired.
      refresh().catch(() => {});
      return kept;
    }
    return refresh().catch((cause) => {
      throw cause instanceof ProxyError
        ? cause
        : new ProxyError('CREDENTIALS_UNAVAILABLE', 'no credentials for the upstream', { cause });
    });
  };
}
