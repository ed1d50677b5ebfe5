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

/** A refusal in the form of the service. */
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
  // AWS has no separate type for it.
  'signature-expired': 'InvalidSignatureException',
  'access-denied': 'AccessDeniedException',
};

/**
 * Makes a refusal in the form of `service`. API Gateway (`execute-api`) and function URLs (`lambda`) answer 403, and
 * other services answer 400 with `__type`, as AWS's JSON protocols do. A function URL answers `Forbidden` both to a
 * missing signature and to a missing permission.
 */
export function toRefusal(service: string, kind: FailureKind, message: string): Refusal {
  const errorType = ERROR_TYPES[kind];
  if (service === 'lambda' && (kind === 'missing-token' || kind === 'access-denied')) {
    const body = JSON.stringify({ Message: 'Forbidden' });
    return { ok: false, kind, status: 403, errorType: 'AccessDeniedException', body };
  }
  if (service === 'lambda' || service === 'execute-api') {
    // API Gateway writes this member with a capital letter if IAM denies.
    const member = kind === 'access-denied' ? 'Message' : 'message';
    const body = JSON.stringify({ [member]: message });
    return { ok: false, kind, status: 403, errorType, body };
  }
  const body = JSON.stringify({ __type: errorType, message });
  return { ok: false, kind, status: 400, errorType, body };
}
