import { hashHex, type WireRequest } from '../sigv4/canonical-request.ts';
import type { FailureKind, Refusal } from '../sigv4/failures.ts';
import type { SigV4Verifier } from '../sigv4/verifier.ts';
import { type S3Code, S3Error } from './s3-error.ts';

const CODES: Readonly<Record<FailureKind, S3Code>> = {
  'missing-token': 'AccessDenied',
  'incomplete-signature': 'AuthorizationHeaderMalformed',
  'wrong-scope': 'AuthorizationHeaderMalformed',
  'unrecognized-client': 'InvalidAccessKeyId',
  'expired-token': 'ExpiredToken',
  'invalid-signature': 'SignatureDoesNotMatch',
  'signature-expired': 'RequestTimeTooSkewed',
  'access-denied': 'AccessDenied',
};

/**
 * Throws S3's errors for a request without the correct hash of its body or, with a verifier, without a valid signature.
 * A wrong hash is reported first, because the verifier uses the correct one.
 */
export function authenticate(request: WireRequest, verifier: SigV4Verifier | undefined): void {
  const verification = verifier?.(request);
  const refusal = verification?.ok === false ? verification : undefined;
  if (refusal !== undefined && refusal.kind !== 'invalid-signature') {
    throw toS3Error(refusal);
  }
  checkHash(request);
  if (refusal !== undefined) {
    throw toS3Error(refusal);
  }
}

function checkHash({ rawHeaders, body }: WireRequest): void {
  const at = rawHeaders.findIndex(
    (text, index) => index % 2 === 0 && text.toLowerCase() === 'x-amz-content-sha256',
  );
  const claimed = at === -1 ? undefined : rawHeaders[at + 1];
  if (claimed === undefined) {
    throw new S3Error('InvalidRequest');
  }
  const computed = hashHex(body);
  if (claimed !== computed) {
    throw new S3Error('XAmzContentSHA256Mismatch', {
      elements: { ClientComputedContentSHA256: claimed, S3ComputedContentSHA256: computed },
    });
  }
}

/** Failures for which S3 has its own messages. For others the verifier's message is more helpful. */
const OWN_WORDS: ReadonlySet<FailureKind> = new Set([
  'missing-token',
  'unrecognized-client',
  'expired-token',
]);

function toS3Error({ kind, body }: Refusal): S3Error {
  const { message } = JSON.parse(body) as { readonly message?: string };
  return new S3Error(CODES[kind], OWN_WORDS.has(kind) ? {} : { message });
}
