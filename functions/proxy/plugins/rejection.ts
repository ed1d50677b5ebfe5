/** Answers whose status and text a document chooses. */
import { type ErrorCode, ProxyError } from '../errors.ts';

export interface Rejection {
  /** Who refuses: for the log. */
  readonly plugin: string;
  readonly status: number;
  /** `detail` of the problem; the code's own title says enough without it. */
  readonly message: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param code what it is for the log and in `countersign-error`, whatever the status */
export function rejection(
  code: ErrorCode,
  { plugin, status, message, headers }: Rejection,
): ProxyError {
  return new ProxyError(code, `refused by ${plugin}`, {
    answer: { status },
    ...(message === undefined ? {} : { detail: message }),
    ...(headers === undefined ? {} : { headers }),
  });
}
