import type { IncomingMessage } from 'node:http';
import { readBody } from '../http-server.ts';
import { FunctionError } from '../invoke.ts';

/** Lambda's limit for a buffered response, and for a report of an error. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

const ERROR_TYPE = 'lambda-runtime-function-error-type';
const ERROR_BODY = 'lambda-runtime-function-error-body';

/** Yields the bytes of a streamed response. Throws the error in its trailers, or an error if the stream broke off. */
export async function* readStreamedBody(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      yield chunk;
    }
  } catch (error) {
    if (error instanceof FunctionError) {
      throw error;
    }
    throw new FunctionError('the runtime broke off', {
      cause: error,
      errorType: 'Runtime.ExitError',
    });
  }
  const { [ERROR_TYPE]: errorType, [ERROR_BODY]: errorBody } = request.trailers;
  if (errorType !== undefined) {
    const report = Buffer.from(errorBody ?? '', 'base64').toString('utf8');
    throw new FunctionError(readMessage(report), { errorType });
  }
}

/** The error that a runtime posts for an invocation or for its init. */
export async function readErrorReport(request: IncomingMessage): Promise<FunctionError> {
  const body = (await readBody(request, MAX_PAYLOAD_BYTES))?.toString('utf8') ?? '';
  const type = request.headers[ERROR_TYPE] ?? readField(body, 'errorType') ?? 'Error';
  return new FunctionError(readMessage(body), { errorType: String(type) });
}

function readMessage(report: string): string {
  return readField(report, 'errorMessage') ?? (report || 'no message');
}

function readField(json: string, field: string): string | undefined {
  try {
    const value: unknown = (JSON.parse(json) as Record<string, unknown> | null)?.[field];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
