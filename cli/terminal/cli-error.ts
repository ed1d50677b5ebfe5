/** An error as one sentence with an exit code, without a stack trace. */
import type { ExitCodeName } from './exit-codes.ts';

/** Optional parts of an error. */
export interface CliErrorParts {
  /** What to do: a sentence, or a command to paste. */
  readonly hint?: string | undefined;
  /** Details for `--json`: issues, versions. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
  /** The person answered a question with no: the message is printed without `Error:`. */
  readonly isChoice?: boolean | undefined;
}

/** The error that commands throw. Only `runCli` prints it and sets the exit status. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: ExitCodeName;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly isChoice: boolean;

  constructor(code: ExitCodeName, message: string, parts: CliErrorParts = {}) {
    super(message, { cause: parts.cause });
    this.code = code;
    this.hint = parts.hint;
    this.details = parts.details ?? {};
    this.isChoice = parts.isChoice ?? false;
  }
}

/** Converts any thrown value to a `CliError`. */
export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  if (name === 'ExitPromptError') return new CliError('INTERRUPTED', 'Interrupted.');
  return (
    findCredentialsError(name, message, error) ??
    findNetworkError(error) ??
    findServiceError(error) ??
    new CliError('BUG', `countersign failed: ${message}`, {
      hint: 'This is a bug of countersign itself. Please report it with the command that you ran.',
      cause: error,
    })
  );
}

function findCredentialsError(name: string, message: string, cause: unknown) {
  if (/Region is missing/.test(message)) {
    return new CliError('USAGE', 'No AWS region is set.', {
      hint: 'Give --region, set AWS_REGION, or choose a profile that has one.',
      cause,
    });
  }
  if (!/CredentialsProviderError|TokenProviderError|ProviderError/.test(name)) return undefined;
  return new CliError('AWS', `No AWS credentials: ${message}`, {
    hint: 'Log in (aws sso login), set AWS_ACCESS_KEY_ID, or choose an existing profile (aws configure list-profiles).',
    cause,
  });
}

const networkProblems: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve at the moment',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
};

function findNetworkError(error: unknown): CliError | undefined {
  const cause = findCoded(error);
  const problem = cause && networkProblems[cause.code];
  if (!cause || !problem) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    return isTimeout
      ? new CliError('AWS', 'AWS did not answer in time.', { cause: error })
      : undefined;
  }
  const place = [cause.address ?? cause.hostname, cause.port].filter(Boolean).join(':');
  return new CliError('AWS', `Cannot reach ${place || 'AWS'}: ${problem}.`, {
    hint: 'Check --endpoint-url, AWS_ENDPOINT_URL_SSM and the network. For the local stack, check that npm start is running.',
    cause: error,
  });
}

interface Coded {
  readonly code: string;
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

/** Node combines several attempts (IPv6 and IPv4) in one AggregateError. */
function findCoded(error: unknown): Coded | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('errors' in error && Array.isArray(error.errors)) return findCoded(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? (error as Coded) : undefined;
}

const refusals =
  /AccessDenied|UnrecognizedClient|ExpiredToken|InvalidSignature|InvalidClientTokenId|UnauthorizedOperation|NotAuthorized/;

/** Converts an error response of an AWS service. */
function findServiceError(error: unknown): CliError | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { name, message } = error;
  // The SDK uses this message for a response that is not AWS's: another server uses the endpoint.
  if (message === 'UnknownError') {
    return new CliError('AWS', `The server at the endpoint is not the AWS service: ${name}.`, {
      hint: 'Check --endpoint-url and AWS_ENDPOINT_URL_SSM: they must be the address of Parameter Store, not of the proxy.',
      details: { awsError: name },
      cause: error,
    });
  }
  const text = `AWS answered ${name}${message && message !== name ? `: ${message}` : '.'}`;
  const hint = refusals.test(name)
    ? 'Check which account and role you are (aws sts get-caller-identity) and what it may do.'
    : undefined;
  return new CliError('AWS', text, { hint, details: { awsError: name }, cause: error });
}
