/** Error responses with a status and text from a document. */
import { type ErrorCode, ProxyError } from '../http/errors.ts';
import type { HeaderList } from '../http/message.ts';

/** A refusal by an access plugin: the status, the client's message, and the plugin's name for the log. */
export interface Rejection {
  /** Who refuses: for the log. */
  readonly plugin: string;
  readonly status: number;
  /** `detail` of the problem; undefined leaves the code's own title alone. */
  readonly message: string | undefined;
  /** Reason for the log, where the plugin's settings do not show it. */
  readonly reason?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param code for the log and `countersign-error`; the status may differ from the code's own */
export function rejection(
  code: ErrorCode,
  { plugin, status, message, reason, headers }: Rejection,
): ProxyError {
  return new ProxyError(code, `refused by ${plugin}${reason === undefined ? '' : `: ${reason}`}`, {
    answer: { status },
    ...(message === undefined ? {} : { detail: message }),
    ...(headers === undefined ? {} : { headers }),
  });
}

/** A list of headers in which a name may repeat, as the answer of an error has them. */
export interface AnswerHeaders {
  readonly headers: Readonly<Record<string, string>>;
  /** They alone cannot be joined into one header (RFC 6265 §3). */
  readonly cookies: readonly string[];
}

/** @param list names in lower case */
export function toAnswerHeaders(list: HeaderList): AnswerHeaders {
  const headers: Record<string, string> = Object.create(null);
  const cookies: string[] = [];
  for (const [name, value] of list) {
    if (name === 'set-cookie') cookies.push(value);
    else headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return { headers, cookies };
}
