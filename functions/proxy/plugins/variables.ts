/** APISIX's variables of a request, as far as there are any here: `remote_addr`, `http_x_key`, `arg_id`, … */

import type { Exchange } from '../chain/exchange.ts';
import { isSaidByPlugins, readSaidHeader } from '../chain/said-headers.ts';
import { countCookies, readCookie } from '../http/cookies.ts';
import { ProxyError } from '../http/errors.ts';
import { formHeaders, readForm } from '../http/form.ts';
import { toHostName } from '../http/headers.ts';
import { toMatchKey } from '../http/path.ts';
import { countParameters, readRawParameter } from '../http/query.ts';
import { decodeAgreed, isDisputedCookie, isDisputedParameter } from '../http/values.ts';
import { spend } from './spend-characters.ts';

/**
 * Reads an nginx-style variable of an exchange; undefined where the request has no such value. Throws `MALFORMED_REQUEST`
 * for a parameter or cookie that occurs more than once, in another spelling, or with a value that readers disagree about.
 */
export type ReadVariable = (exchange: VariableSubject) => string | undefined;

/** What variables are read from: an exchange, or what is known of a request before a route has been found. */
export type VariableSubject = Pick<
  Exchange,
  'request' | 'consumer' | 'record' | 'identity' | 'reserved' | 'carriers'
>;

/** What the names of variables begin with that are fields of a form. */
export const fieldPrefix = 'post_arg_';

const named: Readonly<Record<string, ReadVariable>> = {
  remote_addr: ({ request }) => request.clientIp,
  consumer_name: ({ consumer }) => consumer?.username,
  route_id: ({ record }) => record.routeId,
  // In the form in which paths are matched, or `//` and `%61` would be keys of their own.
  uri: ({ request }) => toMatchKey(request.path),
  request_uri: ({ request: { path, query } }) => (query === '' ? path : `${path}?${query}`),
  query_string: ({ request }) => request.query || undefined,
  args: ({ request }) => request.query || undefined,
  request_method: ({ request }) => request.method,
  scheme: () => 'https',
  server_protocol: ({ request }) => request.protocol,
  content_type: (exchange) => readSaidHeader(exchange, 'content-type'),
  content_length: ({ request }) => String(request.body.length),
  host: ({ request }) => toHostName(request.host),
};

const families: Readonly<Record<string, (name: string) => ReadVariable>> = {
  // As nginx: `http_x_key` is the header X-Key.
  http: (name) => {
    const header = toHeaderName(name);
    return counted((exchange) => readSaidHeader(exchange, header));
  },
  arg:
    (name) =>
    ({ request: { query }, record }) => {
      spend(record, query);
      return toOnlyValue(readRawParameter(query, name), {
        what: `parameter ${name}`,
        count: countParameters(query, name),
        isDisputed: isDisputedParameter,
      });
    },
  post_arg: (name) => (exchange) => {
    const form = readForm(exchange.request);
    spend(exchange.record, form);
    return toOnlyValue(readRawParameter(form, name), {
      what: `field ${name} of the form`,
      count: countParameters(form, name),
      isDisputed: isDisputedParameter,
    });
  },
  cookie:
    (name) =>
    ({ request: { headers }, record }) => {
      const { cookie } = headers;
      spend(record, cookie);
      return toOnlyValue(readCookie(cookie, name), {
        what: `cookie ${name}`,
        count: countCookies(cookie, name),
        isDisputed: isDisputedCookie,
      });
    },
};

function counted(read: ReadVariable): ReadVariable {
  return (subject) => {
    const value = read(subject);
    spend(subject.record, value);
    return value;
  };
}

/**
 * Some upstreams read the first of two values, others the last. A limit or an authorizer must not decide by a value that
 * the upstream does not read. The same holds for another spelling of the name, which some upstreams take for it, and of the
 * value, which would be counted anew.
 *
 * @param values as they are sent
 * @returns the decoded value
 * @throws ProxyError `MALFORMED_REQUEST` for more than one value, and for another spelling
 */
function toOnlyValue(values: readonly string[], occurrences: Occurrences): string | undefined {
  const { what, count, isDisputed } = occurrences;
  const [value] = values;
  if (values.length > 1 || count > values.length) {
    throw toMalformed(`the ${what} occurs twice, or in another spelling`);
  }
  if (value === undefined) return undefined;
  const decoded = isDisputed(value) ? undefined : decodeAgreed(value);
  if (decoded !== undefined) return decoded;
  throw toMalformed(`the value of the ${what} is read in several ways`);
}

function toMalformed(message: string): ProxyError {
  return new ProxyError('MALFORMED_REQUEST', message, {
    detail:
      'A parameter or cookie that decides about the request occurs twice, or in another spelling of its name or value',
  });
}

interface Occurrences {
  readonly what: string;
  /** In all spellings. */
  readonly count: number;
  /** @returns whether readers disagree about a value, as it is sent */
  readonly isDisputed: (raw: string) => boolean;
}

function toHeaderName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** For messages: which there are. */
export const variableWords = `a variable: ${Object.keys(named).join(', ')}, http_<header>, arg_<parameter>, post_arg_<field>, cookie_<name>`;
/** `$name`, `${name}`, or `${name ?? default}`. */
const combined = /\$(?:(\w+)|\{ *(\w+) *(?:\?\?([^${}]*))?\})/g;

/** @returns how a variable is read, undefined for one that there is not */
export function findVariable(name: string): ReadVariable | undefined {
  const read = Object.hasOwn(named, name) ? named[name] : undefined;
  if (read) return counted(read);
  const [, family = '', rest = ''] = /^(http|arg|post_arg|cookie)_([\w-]+)$/.exec(name) ?? [];
  return Object.hasOwn(families, family) ? families[family]?.(rest) : undefined;
}

/** @returns lower-case names of the headers that the text's variables read */
export function headersIn(text: string): readonly string[] {
  return namesIn(text).flatMap(headersOf);
}

/** @returns lower-case names of the headers that a variable reads, or that say how it is read */
export function headersOf(variable: string): readonly string[] {
  if (variable.startsWith('http_')) return [toHeaderName(variable.slice('http_'.length))];
  if (variable.startsWith(fieldPrefix)) return formHeaders;
  return variable === 'content_type' ? ['content-type'] : [];
}

/** @returns whether a text such as `$remote_addr $consumer_name` names variables, and none that there is not */
export function isCombination(text: string): boolean {
  const names = namesIn(text);
  return names.length > 0 && names.every((name) => findVariable(name) !== undefined);
}

/** For messages: what a combination looks like. */
export const combinationWords = `a combination such as "$remote_addr $consumer_name", of ${variableWords}`;

/** A variable of a text, or what stands between two. */
export type TextPart = string | VariablePart;

/** A variable of a text, with what the document says for requests without it. */
export interface VariablePart {
  readonly name: string;
  /** Undefined for each request where there is no such variable. */
  readonly read: ReadVariable;
  readonly isKnown: boolean;
  /** Documents say its value: neither clients nor other plugins do. */
  readonly isOwn: boolean;
  readonly fallback: string | undefined;
}

/** @returns the parts of a text, in order; a variable that there is not has no value */
export function parseText(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(combined)) {
    const [whole, bare, braced, fallback] = match;
    const name = bare ?? braced ?? '';
    parts.push(text.slice(end, match.index));
    const read = findVariable(name);
    parts.push({
      ...{ name, read: read ?? (() => undefined), isKnown: read !== undefined },
      ...{ isOwn: ownVariables.has(name), fallback: fallback?.trim() },
    });
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

function variablesIn(text: string): readonly VariablePart[] {
  return parseText(text).filter((part) => typeof part !== 'string');
}

/**
 * @returns the variables' values, in a form in which no two lists of values are alike; undefined when the request has none of
 *   them, and no default stands in
 */
export function compileCombination(text: string): ReadVariable {
  const variables = variablesIn(text);
  return (exchange) => {
    const values = variables.map(({ read, fallback }) => read(exchange) ?? fallback);
    return values.some((value) => value !== undefined) ? JSON.stringify(values) : undefined;
  };
}

/** @returns the text with all variables replaced by their values or defaults; undefined if there is none of them */
export function compileTemplate(text: string): ReadVariable {
  const parts = parseText(text);
  if (parts.every((part) => typeof part === 'string')) return () => text;
  return (exchange) => {
    let hasValue = false;
    const texts = parts.map((part) => {
      if (typeof part === 'string') return part;
      const value = part.read(exchange) ?? part.fallback;
      hasValue ||= value !== undefined;
      return value;
    });
    return hasValue ? texts.join('') : undefined;
  };
}

function namesIn(text: string): readonly string[] {
  return variablesIn(text).map(({ name }) => name);
}

/** Variables that the proxy's own documents say. */
const ownVariables = new Set(['consumer_name', 'route_id']);

/** @returns whether the client alone decides on the variable's value */
export function isWrittenByClient(name: string, exchange: Exchange): boolean {
  if (ownVariables.has(name)) return false;
  return !headersOf(name).some((header) => isSaidByPlugins(exchange, header));
}
