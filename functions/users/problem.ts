/** Everything that this API refuses, as RFC 9457 problems. */

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

/** What is wrong with one place of the body or one parameter. */
export interface FieldError {
  /** JSON pointer as a URI fragment (`#/email`), or a parameter's or header's name. */
  readonly pointer: string;
  readonly detail: string;
}

/** What else a client may know. */
export interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
}

/** A request that is not carried out. Its details are the client's to read. */
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

/** An answer, in the shape that a REST API's Lambda proxy integration takes. */
export interface ApiResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A problem as the client gets it. */
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
