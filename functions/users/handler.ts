/** Handles a request: runs its operation, and converts the result or the problem to an answer. */
import { operations, type Services } from './operations.ts';
import { type ApiResult, Problem, toProblemResult } from './problem.ts';
import type { ApiEvent } from './request.ts';
import { StoreBusyError } from './store.ts';

/** The part of Lambda's context that the handler uses. */
export interface InvocationContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** The inputs of the handler. */
export interface HandlerOptions extends Omit<Services, 'remainingMs'> {
  /** Gets one line of JSON for each failure that the client did not cause. */
  readonly log: (line: string) => void;
}

export type Handler = (event: ApiEvent, context: InvocationContext) => Promise<ApiResult>;

/** Creates the function's handler. It answers every error, without the cause. */
export function createHandler({ log, ...services }: HandlerOptions): Handler {
  return async (event, context) => {
    try {
      const operation = operations.get(`${event.httpMethod} ${event.resource}`);
      if (operation === undefined) throw new Problem('NO_SUCH_RESOURCE');
      const remainingMs = () => context.getRemainingTimeInMillis();
      return await operation(event, { ...services, remainingMs });
    } catch (error) {
      if (error instanceof Problem) return toProblemResult(error);
      const code = error instanceof StoreBusyError ? 'STORE_BUSY' : 'INTERNAL';
      log(toLogLine(code, error, context.awsRequestId));
      return toProblemResult(new Problem(code));
    }
  };
}

function toLogLine(code: string, error: unknown, requestId: string): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return `${JSON.stringify({ level: 'error', code, requestId, error: name, message, stack })}\n`;
}
