/** Answers whose status and text a document chooses. */
import { type ErrorCode, ProxyError, toProxyError } from '../errors.ts';
import type { Exchange, Handle, ProxyResponse } from '../types.ts';

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

/** What a plugin adds to an answer. */
export interface AddedHeaders {
  /** By lower-case name; they stand in the place of whatever the answer has under that name. */
  readonly set: Readonly<Record<string, string>>;
  /** Names that the answer loses. @default none */
  readonly isDropped?: (name: string) => boolean;
  /** Added to `Vary`, where it is not said yet. */
  readonly vary?: string;
}

/** Runs the rest of the route; its answer carries the headers, and an error of ours does as well. */
export async function answerWith(
  exchange: Exchange,
  next: Handle,
  added: AddedHeaders,
): Promise<ProxyResponse> {
  try {
    const response = await next(exchange);
    return withHeaders(response, added);
  } catch (thrown) {
    const error = toProxyError(thrown);
    const vary = toVary([...Object.entries(error.headers)], added.vary);
    throw error.withHeaders({ ...added.set, ...vary });
  }
}

export function withHeaders(response: ProxyResponse, added: AddedHeaders): ProxyResponse {
  const kept = response.headers.filter(
    ([name]) => !Object.hasOwn(added.set, name) && !added.isDropped?.(name),
  );
  const vary = Object.entries(toVary(kept, added.vary));
  const others = vary.length === 0 ? kept : kept.filter(([name]) => name !== 'vary');
  return { ...response, headers: [...others, ...Object.entries(added.set), ...vary] };
}

function toVary(
  headers: ProxyResponse['headers'],
  name: string | undefined,
): Readonly<Record<string, string>> {
  if (name === undefined) return {};
  const said = headers.filter(([own]) => own === 'vary').flatMap(([, value]) => value.split(','));
  const names = said.map((text) => text.trim()).filter(Boolean);
  const isSaid = names.some((own) => own === '*' || own.toLowerCase() === name.toLowerCase());
  return { vary: (isSaid ? names : [...names, name]).join(', ') };
}
