/** Answers whose status and text a document chooses. */
import { type ErrorCode, ProxyError } from '../http/errors.ts';
import type { HeaderList } from '../http/message.ts';

/** A refusal by an access plugin: the status, the client's message, and the plugin's name for the log. */
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
