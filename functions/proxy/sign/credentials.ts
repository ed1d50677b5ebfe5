/** Where a signer's keys come from. Providers are asked at every request and decide by themselves what to keep. */

import { ProxyError } from '../http/errors.ts';
import type { Clock } from '../http/time.ts';
import { withTimeLimit } from '../http/time.ts';
import type { AssumedRole, Credentials, CredentialsProvider } from './provider.ts';

/** Where the process's own keys are; the composition root reads it from the environment. */
export interface CredentialSettings {
  readonly region: string;
  /** Undefined for the Region's own STS endpoint. */
  readonly stsEndpoint: string | undefined;
  /** Keys come from the container endpoint (Managed Instances) when there are none in variables. */
  readonly hasContainerCredentials: boolean;
  /** Reads the variables anew at each call, because Lambda may rotate the keys; undefined when they are not set. */
  readonly readEnvironmentCredentials: () => Credentials | undefined;
}

/** Where credentials come from: the execution role, or a role that it assumes. */
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
export function createCredentialSources(
  settings: CredentialSettings,
  now: Clock,
): CredentialSources {
  const assumed = new Map<string, CredentialsProvider>();
  const container = cacheCredentials(async () => {
    const { readContainerCredentials } = await import('./sdk-credentials.ts');
    return readContainerCredentials();
  }, now);
  const execution: CredentialsProvider = async (rejectedKeyId) => {
    const credentials = settings.readEnvironmentCredentials();
    if (credentials) return credentials;
    if (settings.hasContainerCredentials) return container(rejectedKeyId);
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
        assumed.get(key) ?? cacheCredentials(() => assumeRole(role, execution, settings), now);
      assumed.set(key, provider);
      return provider;
    },
  };
}

async function assumeRole(
  role: AssumedRole,
  execution: CredentialsProvider,
  { region, stsEndpoint }: CredentialSettings,
): Promise<Credentials> {
  const { readAssumedRole } = await import('./sdk-credentials.ts');
  return readAssumedRole(role, { execution, region, stsEndpoint });
}

/**
 * Asks the source once at a time, and replaces keys before they expire. If the source fails, the old keys are used until they
 * expire. A source that hangs, or that was asked before the environment froze, is given up, so that no request waits for the same call for ever.
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
      // The caller that awaits the promise sees the failure.
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
