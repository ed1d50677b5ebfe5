/** Why a request was refused. */
export type FailureKind =
  | 'missing-token'
  | 'incomplete-signature'
  | 'unrecognized-client'
  | 'expired-token'
  | 'wrong-scope'
  | 'invalid-signature'
  | 'signature-expired'
  | 'access-denied';

/** A refusal in the words of the service that would have sent it. */
export interface Refusal {
  readonly ok: false;
  readonly kind: FailureKind;
  readonly status: number;
  /** Value of `x-amzn-errortype`. */
  readonly errorType: string;
  /** JSON. */
  readonly body: string;
}

const ERROR_TYPES: Readonly<Record<FailureKind, string>> = {
  'missing-token': 'MissingAuthenticationTokenException',
  'incomplete-signature': 'IncompleteSignatureException',
  'unrecognized-client': 'UnrecognizedClientException',
  'expired-token': 'ExpiredTokenException',
  'wrong-scope': 'InvalidSignatureException',
  'invalid-signature': 'InvalidSignatureException',
  // AWS has no type of its own for it.
  'signature-expired': 'InvalidSignatureException',
  'access-denied': 'AccessDeniedException',
};

/**
 * A refusal as `service` words it: API Gateway (`execute-api`) and function URLs (`lambda`) with 403,
 * everything else as AWS's JSON protocols do, with 400 and `__type`. A function URL keeps silent about
 * a missing signature and a missing permission alike: both are `Forbidden`.
 */
export function toRefusal(service: string, kind: FailureKind, message: string): Refusal {
  const errorType = ERROR_TYPES[kind];
  if (service === 'lambda' && (kind === 'missing-token' || kind === 'access-denied')) {
    const body = JSON.stringify({ Message: 'Forbidden' });
    return { ok: false, kind, status: 403, errorType: 'AccessDeniedException', body };
  }
  if (service === 'lambda' || service === 'execute-api') {
    // API Gateway spells this one member with a capital letter when IAM denies.
    const member = kind === 'access-denied' ? 'Message' : 'message';
    const body = JSON.stringify({ [member]: message });
    return { ok: false, kind, status: 403, errorType, body };
  }
  const body = JSON.stringify({ __type: errorType, message });
  return { ok: false, kind, status: 400, errorType, body };
}
