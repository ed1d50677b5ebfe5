/** The codes that the service knows, with KMS's statuses; the rest is 400 (KMS API Reference, "Common errors"). */
const STATUSES: Readonly<Record<string, number>> = {
  DependencyTimeoutException: 503,
  KMSInternalException: 500,
  KeyUnavailableException: 500,
};

/** A failure as KMS's JSON protocol reports it. */
export class KmsError extends Error {
  override readonly name = 'KmsError';
  /** `__type`, for example `InvalidCiphertextException`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message?: string, status?: number) {
    super(message ?? '');
    this.code = code;
    this.status = status ?? STATUSES[code] ?? 400;
  }
}
