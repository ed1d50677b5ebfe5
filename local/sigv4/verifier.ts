import { timingSafeEqual } from 'node:crypto';
import {
  formatTimestamp,
  type ParsedAuthorization,
  parseAuthorization,
  parseTimestamp,
} from './authorization-header.ts';
import {
  collectHeaders,
  hashHex,
  toCanonicalPath,
  toCanonicalRequest,
  toObjectPath,
  toSignature,
  toStringToSign,
  type WireRequest,
} from './canonical-request.ts';
import { type FailureKind, type Refusal, toRefusal } from './failures.ts';

/** The known properties of an access key. */
export interface KnownCredentials {
  readonly secretAccessKey: string;
  /** Token of temporary credentials, which requests must contain. */
  readonly sessionToken?: string;
  /**
   * Time from which the token is expired.
   * @default never
   */
  readonly expiresAt?: Date;
}

/** The signer of a request. */
export interface Caller {
  readonly accessKeyId: string;
  readonly signedHeaders: readonly string[];
}

/** The signer of an accepted request, or the refusal. */
export type Verification = ({ readonly ok: true } & Caller) | Refusal;

/** Verifies one request. Pure except for the clock. */
export type SigV4Verifier = (request: WireRequest) => Verification;

/** What a verifier accepts, and for which service. */
export interface SigV4VerifierOptions {
  /** The service of the scope. It also determines the form of error messages. */
  readonly service: string;
  readonly region: string;
  readonly credentials: (accessKeyId: string) => KnownCredentials | undefined;
  /**
   * The caller's policy. A returned string denies the request and is the message.
   * @default everything is allowed
   */
  readonly authorize?: (caller: Caller, request: WireRequest) => true | string;
  /** @default the system's clock */
  readonly now?: () => Date;
}

/** S3 accepts clocks that differ by 15 minutes, other services by 5. */
const toSkewMinutes = (service: string) => (service === 's3' ? 15 : 5);
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/**
 * Creates a verifier of AWS Signature Version 4 in the `Authorization` header (not of presigned URLs). It shares no
 * code with the proxy's signer, so that an error in one of them is noticed.
 */
export function createSigV4Verifier(options: SigV4VerifierOptions): SigV4Verifier {
  return (request) => {
    const headers = collectHeaders(request.rawHeaders);
    const refuse: Refuse = (kind, message) => toRefusal(options.service, kind, message);
    const header = headers.get('authorization')?.join(',');
    if (header === undefined) {
      return refuse('missing-token', 'Missing Authentication Token');
    }
    const authorization = parseAuthorization(header, headers.get('x-amz-date')?.[0]);
    if (typeof authorization === 'string') {
      return refuse('incomplete-signature', authorization);
    }
    const checks = { options, request, headers, authorization, refuse };
    return (
      checkScope(checks) ??
      checkToken(checks) ??
      checkSignedHeaders(checks) ??
      checkSignature(checks) ??
      checkPolicy(checks)
    );
  };
}

type Refuse = (kind: FailureKind, message: string) => Refusal;

interface Checks {
  readonly options: SigV4VerifierOptions;
  readonly request: WireRequest;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly authorization: ParsedAuthorization;
  readonly refuse: Refuse;
}

function checkScope({ options, authorization, refuse }: Checks): Refusal | undefined {
  const { timestamp, date, region, service } = authorization.scope;
  const signedMs = parseTimestamp(timestamp);
  if (signedMs === undefined) {
    return refuse(
      'incomplete-signature',
      `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  const wrong = [
    region === options.region ? '' : 'Credential should be scoped to a valid region. ',
    service === options.service
      ? ''
      : `Credential should be scoped to correct service: '${options.service}'. `,
    date === timestamp.slice(0, 8)
      ? ''
      : `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'. `,
  ].join('');
  return wrong === '' ? checkTime(signedMs, { options, refuse }) : refuse('wrong-scope', wrong);
}

function checkTime(signedMs: number, { options, refuse }: Pick<Checks, 'options' | 'refuse'>) {
  const nowMs = (options.now?.() ?? new Date()).getTime();
  const [signed, now] = [formatTimestamp(signedMs), formatTimestamp(nowMs)];
  const skewMinutes = toSkewMinutes(options.service);
  const skewMs = skewMinutes * 60_000;
  if (signedMs < nowMs - skewMs) {
    const earliest = formatTimestamp(nowMs - skewMs);
    return refuse(
      'signature-expired',
      `Signature expired: ${signed} is now earlier than ${earliest} (${now} - ${skewMinutes} min.)`,
    );
  }
  if (signedMs > nowMs + skewMs) {
    const latest = formatTimestamp(nowMs + skewMs);
    return refuse(
      'signature-expired',
      `Signature not yet current: ${signed} is still later than ${latest} (${now} + ${skewMinutes} min.)`,
    );
  }
  return undefined;
}

function checkToken({ options, headers, authorization, refuse }: Checks): Refusal | undefined {
  const known = options.credentials(authorization.accessKeyId);
  const token = headers.get('x-amz-security-token')?.join(',');
  if (known === undefined || token !== known.sessionToken) {
    return refuse('unrecognized-client', 'The security token included in the request is invalid.');
  }
  if (known.expiresAt !== undefined && (options.now?.() ?? new Date()) >= known.expiresAt) {
    return refuse('expired-token', 'The security token included in the request is expired');
  }
  return undefined;
}

function checkSignedHeaders({ headers, authorization, refuse }: Checks): Refusal | undefined {
  const signed = new Set(authorization.signedHeaders);
  if (!signed.has('host')) {
    return refuse(
      'invalid-signature',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
  }
  const unsigned = [...headers.keys()].filter(
    (name) => name.startsWith('x-amz-') && !signed.has(name),
  );
  return unsigned.length === 0
    ? undefined
    : refuse(
        'invalid-signature',
        `There were headers present in the request which were not signed: ${unsigned.join(', ')}`,
      );
}

function checkSignature(checks: Checks): Refusal | undefined {
  const { options, request, headers, authorization, refuse } = checks;
  const { scope, signedHeaders, signature, accessKeyId } = authorization;
  const toPath = options.service === 's3' ? toObjectPath : toCanonicalPath;
  const canonicalRequest = toCanonicalRequest(request, signedHeaders, toPath);
  const stringToSign = toStringToSign(canonicalRequest, scope);
  const secret = options.credentials(accessKeyId)?.secretAccessKey ?? '';
  const expected = Buffer.from(toSignature(stringToSign, secret, scope));
  const received = Buffer.from(signature);
  const declaredHash = headers.get('x-amz-content-sha256')?.join(',');
  const isHashTrue = declaredHash === undefined || declaredHash === hashHex(request.body);
  const isMatch = received.length === expected.length && timingSafeEqual(received, expected);
  return isMatch && isHashTrue
    ? undefined
    : refuse(
        'invalid-signature',
        `${MISMATCH}\n\nThe Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`,
      );
}

function checkPolicy({ options, request, authorization, refuse }: Checks): Verification {
  const { accessKeyId, signedHeaders } = authorization;
  const decision = options.authorize?.({ accessKeyId, signedHeaders }, request) ?? true;
  return decision === true
    ? { ok: true, accessKeyId, signedHeaders }
    : refuse('access-denied', decision);
}
