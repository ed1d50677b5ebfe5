/** The problems (RFC 9457) with which this API refuses requests. */

/** Status and title of each code. */
const problems = {
  INVALID_JSON: [400, 'The body is not valid JSON'],
  INVALID_USER: [400, 'The user is not valid'],
  INVALID_PARAMETER: [400, 'A parameter is not valid'],
  NO_SUCH_RESOURCE: [404, 'There is no such resource'],
  NO_SUCH_USER: [404, 'There is no such user'],
  VERSION_MISMATCH: [412, 'The user is not at this version'],
  NOT_JSON: [415, 'The body must be JSON'],
  INTERNAL: [500, 'Internal error'],
  USERS_REMAIN: [503, 'Not all users could be deleted in time'],
  STORE_BUSY: [503, 'The store is busy'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof problems;

/** An error in one place of the body, or in one parameter. */
export interface FieldError {
  /** JSON pointer as a URI fragment (`#/email`), or a parameter's or header's name. */
  readonly pointer: string;
  readonly detail: string;
}

/** Details of a problem for the client. */
export interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
}

/** An error that refuses a request. The client gets its details. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, options: ProblemDetails & ErrorOptions = {}) {
    const { cause, ...details } = options;
    super(problems[code][1], { cause });
    this.code = code;
    this.details = details;
  }
}

/** An answer in the form of a REST API's Lambda proxy integration. */
export interface ApiResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Converts a problem to the answer for the client. */
export function toProblemResult({ code, details }: Problem): ApiResult {
  const [status, title] = problems[code];
  const type = `urn:countersign-demo:users:${code}`;
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 503 && { 'retry-after': '1' }),
    },
    body: `${JSON.stringify({ type, title, status, code, ...details })}\n`,
  };
}
