/** The error codes of the store, with S3's own statuses and messages (API Reference, "Error responses"). */
const KNOWN = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header you provided is invalid.'],
  ConditionalRequestConflict: [
    409,
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
  ],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size'],
  ExpiredToken: [400, 'The provided token has expired.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidRequest: [400, 'Missing required header for this request: x-amz-content-sha256'],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  InvalidToken: [400, 'The provided token is malformed or otherwise invalid.'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotImplemented: [501, 'A header you provided implies functionality that is not implemented'],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  RequestTimeTooSkewed: [
    403,
    'The difference between the request time and the current time is too large.',
  ],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  SlowDown: [503, 'Please reduce your request rate.'],
  XAmzContentSHA256Mismatch: [
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
} as const satisfies Record<string, readonly [number, string]>;

/** A code of S3's errors. */
export type S3Code = keyof typeof KNOWN;

/** Optional parts of an error. */
export interface S3ErrorDetails {
  /** @default the code's own; 400 for a code that the store does not know */
  readonly status?: number | undefined;
  /** @default the code's own */
  readonly message?: string | undefined;
  /** Further elements of the body, for example `Key`. */
  readonly elements?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure as S3 reports it: a status, and an XML body. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: string;
  readonly status: number;
  readonly elements: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  /** `code` may be any code, because tests use others for faults. */
  constructor(code: S3Code | (string & {}), details: S3ErrorDetails = {}) {
    const known = Object.hasOwn(KNOWN, code) ? KNOWN[code as S3Code] : ([400, code] as const);
    super(details.message ?? known[1]);
    this.code = code;
    this.status = details.status ?? known[0];
    this.elements = details.elements ?? {};
    this.headers = details.headers ?? {};
  }
}

/** The body of an error. */
export function toErrorXml(error: S3Error, ids: Readonly<Record<string, string>>): string {
  const { code: Code, message: Message, elements } = error;
  return toXml('Error', { Code, Message, ...elements, ...ids });
}

/** Formats an XML document with one element that contains text elements. A list repeats its element; objects nest. */
export function toXml(name: string, content: XmlContent, attributes = ''): string {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return `${declaration}<${name}${attributes}>${toElements(content)}</${name}>`;
}

/** The content of an element. */
export interface XmlContent {
  readonly [name: string]: string | readonly XmlContent[];
}

function toElements(content: XmlContent): string {
  return Object.entries(content)
    .map(([name, value]) =>
      typeof value === 'string'
        ? `<${name}>${escapeXml(value)}</${name}>`
        : value.map((item) => `<${name}>${toElements(item)}</${name}>`).join(''),
    )
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}
