/** Everything that can go wrong, as a closed set of codes with one table to status and title. */

const problems = {
  MALFORMED_REQUEST: [400, 'The request is malformed'],
  UNSAFE_PATH: [400, 'The path cannot be forwarded safely'],
  UNAUTHENTICATED: [401, 'The request carries no valid credentials'],
  FORBIDDEN: [403, 'The request is not allowed'],
  ORIGIN_REFUSED: [403, 'Requests are taken only through the front of this proxy'],
  NO_ROUTE: [404, 'No route matches this request'],
  METHOD_NOT_ALLOWED: [405, 'No route accepts this method for the path'],
  BODY_TOO_LARGE: [413, 'The request body is too large'],
  RATE_LIMITED: [429, 'Too many requests'],
  INTERNAL: [500, 'The proxy failed'],
  CREDENTIALS_UNAVAILABLE: [502, 'The proxy has no credentials for the upstream'],
  UPSTREAM_UNREACHABLE: [502, 'The upstream could not be reached'],
  UPSTREAM_INVALID_RESPONSE: [502, 'The upstream sent an invalid response'],
  UPSTREAM_CUT: [502, 'The upstream closed the connection before its response was complete'],
  UPSTREAM_SIGNATURE_REJECTED: [502, "The upstream rejected the proxy's signature"],
  UPSTREAM_KEY_UNKNOWN: [502, "The upstream does not know the proxy's credentials"],
  UPSTREAM_TOKEN_EXPIRED: [502, "The proxy's credentials have expired"],
  UPSTREAM_ACCESS_DENIED: [502, 'The proxy may not call the upstream'],
  MISCONFIGURED: [503, 'The proxy is not configured'],
  ROUTES_UNAVAILABLE: [503, 'The routes could not be loaded'],
  ACCESS_UNDECIDED: [503, 'Whether the request is allowed could not be found out'],
  NO_UPSTREAM: [503, 'The route has no upstream'],
  BREAKER_OPEN: [503, 'The upstream is failing, and is given a rest'],
  UPSTREAM_TIMEOUT: [504, 'The upstream did not answer in time'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** The closed set of error codes (docs/operations.md, "Error codes"). */
export type ErrorCode = keyof typeof problems;

/** @returns the HTTP status and the fixed, public title of a code. */
export function toProblemFields(code: ErrorCode): { status: number; title: string } {
  const [status, title] = problems[code];
  return { status, title };
}

/** Details of a `ProxyError`: for the log, for the client, and for retries. */
export interface ProxyErrorOptions {
  /** For the log only; never reaches a client. */
  readonly cause?: unknown;
  /** Response headers that belong to the answer, such as `allow` or `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** No byte of the request can have reached the upstream. */
  readonly isUnsent?: boolean;
  /** A fixed sentence for the client, of what its request lacks. Never a cause, nor anything that it sent. */
  readonly detail?: string;
  /** What a document wants answered in place of the code's own status and problem. */
  readonly answer?: {
    readonly status: number;
    readonly body?: string | Buffer;
    /** Values of `Set-Cookie`, which may repeat. */
    readonly cookies?: readonly string[];
  };
}

/** The one error of the request path. The message is for the log; a client sees title and code. */
export class ProxyError extends Error {
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly isUnsent: boolean;
  readonly detail: string | undefined;
  readonly answer: ProxyErrorOptions['answer'];

  constructor(code: ErrorCode, message: string, options: ProxyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProxyError';
    this.code = code;
    this.headers = options.headers ?? {};
    this.isUnsent = options.isUnsent ?? false;
    this.detail = options.detail;
    this.answer = options.answer;
  }

  /** The same error; its answer carries more headers. */
  withHeaders(headers: Readonly<Record<string, string>>): ProxyError {
    return this.withAnswer({ ...this.headers, ...headers }, this.answer);
  }

  /** The same error with another answer. */
  withAnswer(
    headers: Readonly<Record<string, string>>,
    answer: ProxyErrorOptions['answer'],
  ): ProxyError {
    const { cause, isUnsent, detail } = this;
    return new ProxyError(this.code, this.message, {
      ...{ cause, isUnsent, headers },
      ...(detail === undefined ? {} : { detail }),
      ...(answer === undefined ? {} : { answer }),
    });
  }
}

/** @returns the error itself if it is a `ProxyError`, else an `INTERNAL` error with it as the cause */
export function toProxyError(thrown: unknown): ProxyError {
  if (thrown instanceof ProxyError) return thrown;
  return new ProxyError('INTERNAL', 'unexpected error', { cause: thrown });
}

/** AWS explains a bad signature by the canonical request, session token and all. */
function withoutCanonicalRequest(message: string): string {
  const starts = ['The Canonical String', 'The String-to-Sign'].map((text) =>
    message.indexOf(text),
  );
  const start = Math.min(...starts.filter((index) => index !== -1));
  return message.slice(0, start).trimEnd();
}

/** Messages may contain a client's token or an upstream's header, and CloudWatch bills log lines by length. */
const maxMessageCharacters = 1024;

/** @returns `name code: message` of an error and its causes, each message cut at 1,024 characters, for one log field. */
export function describeError(thrown: unknown): string {
  const parts: string[] = [];
  let current = thrown;
  while (current instanceof Error && parts.length < 4) {
    const code = 'code' in current && !(current instanceof ProxyError) ? ` ${current.code}` : '';
    parts.push(`${current.name}${code}: ${withoutCanonicalRequest(toShort(current.message))}`);
    current = current.cause;
  }
  if (parts.length === 0) parts.push(toShort(String(thrown)));
  return parts.join(' <- ');
}

function toShort(text: string): string {
  if (text.length <= maxMessageCharacters) return text;
  return `${text.slice(0, maxMessageCharacters)}…`;
}
