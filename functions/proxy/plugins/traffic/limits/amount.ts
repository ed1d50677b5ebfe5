/**
 * An amount of a limit: a number, or a text with variables and defaults (`${http_x ?? 2}`), as in APISIX. Stricter than there:
 * what a client writes never lifts a limit beyond the document's own default.
 */
import * as v from 'valibot';
import type { Exchange } from '../../../chain/exchange.ts';
import { integer } from '../../../documents/attributes.ts';
import { documentError } from '../../../documents/document-error.ts';
import { ProxyError } from '../../../http/errors.ts';
import {
  headersIn,
  isWrittenByClient,
  parseText,
  type TextPart,
  type VariablePart,
} from '../../variables.ts';

/** What an amount may be, and what a client's own value may do to it. */
export interface AmountRange {
  readonly minimum: number;
  readonly maximum: number;
  /** Whether a client may make it smaller. If not, the default counts whatever the client says. */
  readonly mayShrink: boolean;
}

/** Schema of an amount. */
export function amount({ minimum, maximum }: AmountRange) {
  return v.union(
    [integer(minimum, maximum), v.string()],
    `a whole number from ${minimum}, or a text with variables such as "\${http_x_quota ?? 10}"`,
  );
}

/** @throws ProxyError `ACCESS_UNDECIDED` where the client says it, and the document has no default */
export type ReadAmount = (exchange: Exchange) => number | undefined;

/** How an amount is read. */
export interface AmountOptions {
  readonly range: AmountRange;
  /** JSON pointer of the attribute. */
  readonly pointer: string;
  readonly warn: (message: string) => void;
}

/**
 * @returns a function that gives undefined if a plugin set no valid amount
 * @throws DocumentError for a text that is no amount for any request
 */
export function compileAmount(
  written: number | string,
  { range, pointer, warn }: AmountOptions,
): ReadAmount {
  if (typeof written === 'number') return () => written;
  const parts = parseText(written);
  const variables = parts.filter((part) => typeof part !== 'string');
  const unknown = variables.find(({ isKnown }) => !isKnown);
  if (unknown) throw documentError(pointer, written, `no variable ${unknown.name}`);
  const lacking = variables.filter(({ fallback }) => fallback === undefined);
  const own = toAmount(
    join(parts, ({ fallback }) => fallback),
    range,
  );
  if ((own === undefined && lacking.length === 0) || !lacking.every(isOfPlugins)) {
    const words = `defaults that make a whole number from ${range.minimum} to ${range.maximum}`;
    throw documentError(pointer, written, `${words}: clients write the variables`);
  }
  if (lacking.some(({ isOwn }) => !isOwn)) {
    warn(
      `${pointer}: without a default, requests answer 503 unless a plugin of the route sets the header`,
    );
  }
  return (exchange) => {
    const isClients = ({ name }: VariablePart) => isWrittenByClient(name, exchange);
    const said = join(parts, ({ read, fallback }) => read(exchange) ?? fallback);
    if (!variables.some(isClients)) return toAmount(said, range);
    const bound = join(parts, (part) =>
      isClients(part) ? part.fallback : (part.read(exchange) ?? part.fallback),
    );
    const highest = toAmount(bound, range);
    if (highest === undefined) throw unbounded();
    return range.mayShrink ? Math.min(toAmount(said, range) ?? highest, highest) : highest;
  };
}

/** @returns lower-case names of the headers that amounts read */
export function headersOfAmounts(
  written: readonly (number | string | undefined)[],
): readonly string[] {
  return written.flatMap((text) => (typeof text === 'string' ? headersIn(text) : []));
}

/** A header, which a plugin of the route may set, or what documents say. */
function isOfPlugins({ name, isOwn }: VariablePart): boolean {
  return isOwn || name.startsWith('http_');
}

function join(
  parts: readonly TextPart[],
  toValue: (part: VariablePart) => string | undefined,
): string {
  return parts.map((part) => (typeof part === 'string' ? part : toValue(part))).join('');
}

function toAmount(text: string, { minimum, maximum }: AmountRange): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return value >= minimum && value <= maximum ? value : undefined;
}

function unbounded(): ProxyError {
  return new ProxyError(
    'ACCESS_UNDECIDED',
    'an amount of a limit has no default, and no plugin has set its variable',
    { headers: { 'retry-after': '1' } },
  );
}
