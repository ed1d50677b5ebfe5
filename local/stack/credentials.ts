import { createSigV4Verifier, type SigV4Verifier } from '../sigv4/verifier.ts';

/** The region that everything local pretends to be in. */
export const LOCAL_REGION = 'us-east-1';

/** The proxy's made-up role credentials: worthless anywhere but at this machine's own upstreams. */
export const LOCAL_CREDENTIALS = {
  accessKeyId: 'ASIALOCALCOUNTERSIGN',
  secretAccessKey: 'local/only/not-a-secret/countersign12345',
  sessionToken: 'local-session-token',
} as const;

/** A verifier that accepts the local role, session token included, and no other credentials. */
export function createLocalVerifier(service: string): SigV4Verifier {
  const { accessKeyId, ...known } = LOCAL_CREDENTIALS;
  return createSigV4Verifier({
    service,
    region: LOCAL_REGION,
    credentials: (id) => (id === accessKeyId ? known : undefined),
  });
}
