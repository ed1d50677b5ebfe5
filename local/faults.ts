import type { ServerResponse } from 'node:http';
import { createDeferred } from './deferred.ts';

/** A fault of one call to a stand-in of an AWS service. Without `error` and `reset` the call is answered in the end. */
export interface Fault {
  /**
   * The operations that it affects, for example `GetObject`.
   * @default any
   */
  readonly on?: string | readonly string[];
  /**
   * Number of calls that it affects. Infinity is an outage until the fault is removed.
   * @default 1
   */
  readonly times?: number;
  /** The call waits until this is released. */
  readonly hold?: Hold;
  /** Answers with this error. Status and message follow from a code that the service knows. */
  readonly error?: FaultError;
  /** Cuts the connection with a TCP reset in place of an answer. */
  readonly reset?: true;
  /** Sends the `content-length` of the whole body and this many bytes of it, and cuts the connection. */
  readonly truncateAt?: number;
  /** Announces the whole body, sends this many bytes of it, and no more. */
  readonly stallAt?: number;
  /** Changes the bytes of the body that are sent. */
  readonly corrupt?: (body: Buffer) => Buffer;
  /**
   * Carries out the operation before `hold`, `error` and `reset`, so that only its answer is late or lost.
   * @default false
   */
  readonly isDone?: boolean;
}

/** An error of the service. */
export interface FaultError {
  readonly code: string;
  readonly status?: number;
  readonly message?: string;
}

/** Keeps calls waiting. */
export interface Hold {
  /** Resolves when the first call has reached the hold. */
  readonly arrived: Promise<void>;
  /** Lets all waiting and later calls continue. */
  release(): void;
  /** For the stand-in: resolves when the call may continue. */
  wait(): Promise<void>;
}

/** Creates a hold for {@link Fault.hold}. */
export function createHold(): Hold {
  const arrived = createDeferred<void>();
  const released = createDeferred<void>();
  return {
    arrived: arrived.promise,
    release: () => released.resolve(),
    wait() {
      arrived.resolve();
      return released.promise;
    },
  };
}

/** Finds the first fault of the queue that affects this operation, and removes it or counts it down. */
export function takeFault(faults: Fault[], operation: string): Fault | undefined {
  const index = faults.findIndex(({ on }) => on === undefined || [on].flat().includes(operation));
  const fault = faults[index];
  if (fault === undefined) {
    return undefined;
  }
  const times = (fault.times ?? 1) - 1;
  faults.splice(index, 1, ...(times > 0 ? [{ ...fault, times }] : []));
  return fault;
}

/**
 * Carries out a call with a fault. `reset` means that the connection must be cut. Throws the error that `toError`
 * creates.
 */
export async function runWithFault<Answer>(
  fault: Fault | undefined,
  run: () => Answer,
  toError: (error: FaultError) => Error,
): Promise<Answer | 'reset'> {
  const answer = fault?.isDone === true ? run() : undefined;
  await fault?.hold?.wait();
  if (fault?.error !== undefined) {
    throw toError(fault.error);
  }
  return fault?.reset === true ? 'reset' : (answer ?? run());
}

/** Cuts a connection with a TCP reset. */
export function resetConnection(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** A complete answer. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Sends an answer with its `content-length`, cut or changed by the fault. */
export function sendFaulty(
  response: ServerResponse,
  { status, headers, body }: WholeAnswer,
  fault: Fault | undefined,
): void {
  const bytes = fault?.corrupt?.(body) ?? body;
  response.writeHead(status, { 'content-length': bytes.length, ...headers });
  if (fault?.stallAt !== undefined) {
    response.write(bytes.subarray(0, fault.stallAt));
    return;
  }
  if (fault?.truncateAt === undefined) {
    response.end(bytes);
    return;
  }
  // Waits until the socket has taken the bytes, so that the cut comes after them.
  response.write(bytes.subarray(0, fault.truncateAt), () => response.destroy());
}
