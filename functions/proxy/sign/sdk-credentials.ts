/** Loaded only by routes that assume a role, and where credentials come from a container endpoint. */
import { fromHttp, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AssumedRole, Credentials, CredentialsProvider } from './provider.ts';

/** What the AssumeRole call needs. */
export interface AssumeOptions {
  /** Signs the AssumeRole call. */
  readonly execution: CredentialsProvider;
  readonly region: string;
  readonly stsEndpoint: string | undefined;
}

const connectTimeoutMs = 1000;
const callTimeoutMs = 3000;
/** Also the provider's pause before it asks again; the endpoint is on the same machine. */
const containerTimeoutMs = 1000;

/** @throws the error of STS or of the network */
export function readAssumedRole(
  { roleArn, externalId, sessionName }: AssumedRole,
  { execution, region, stsEndpoint }: AssumeOptions,
): Promise<Credentials> {
  const provider = fromTemporaryCredentials({
    masterCredentials: () => execution(),
    clientConfig: {
      region,
      ...(stsEndpoint ? { endpoint: stsEndpoint } : {}),
      maxAttempts: 2,
      requestHandler: {
        connectionTimeout: connectTimeoutMs,
        requestTimeout: callTimeoutMs,
        // Without it the SDK only warns.
        throwOnRequestTimeout: true,
      },
    },
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    },
  });
  return provider();
}

/** Reads `AWS_CONTAINER_CREDENTIALS_FULL_URI`, as Managed Instances set it. */
export function readContainerCredentials(): Promise<Credentials> {
  return fromHttp({ timeout: containerTimeoutMs, maxRetries: 1 })();
}
