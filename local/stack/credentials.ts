import { createSigV4Verifier, type SigV4Verifier } from '../sigv4/verifier.ts';

/** The region of the local stack. */
export const LOCAL_REGION = 'us-east-1';

/** Invented credentials of the proxy's role. Only this machine's own upstreams accept them. */
export const LOCAL_CREDENTIALS = {
  accessKeyId: 'ASIALOCALCOUNTERSIGN',
  secretAccessKey: 'local/only/not-a-secret/countersign12345',
  sessionToken: 'local-session-token',
} as const;

/** A verifier that accepts only the local role's credentials, including the session token. */
export function createLocalVerifier(service: string): SigV4Verifier {
  const { accessKeyId, ...known } = LOCAL_CREDENTIALS;
  return createSigV4Verifier({
    service,
    region: LOCAL_REGION,
    credentials: (id) => (id === accessKeyId ? known : undefined),
  });
}
