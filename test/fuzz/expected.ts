/** What must come of a request by DESIGN.md §3 and docs/request-path.md; it shares no code with functions/proxy. */
import type { Asked } from './asked.ts';
import { toEventHeaders } from './event.ts';
import { type HeaderPairs, toExpectedHeaders } from './expected-headers.ts';
import { decode, isUnsafe, toPathLine, toQueryLine } from './path-reader.ts';
import { findRule, type Rule } from './routes.ts';

export type Expected =
  /** A problem, with one of these codes: where two rules are broken at once, the order is nobody's business. */
  | { readonly kind: 'problem'; readonly codes: readonly string[]; readonly allow?: string }
  | {
      readonly kind: 'arrives';
      readonly rule: Rule;
      readonly method: string;
      readonly target: string;
      /** Sorted, less those of signature and connection. */
      readonly headers: HeaderPairs;
      readonly body: Buffer;
    };

const tokenChars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const isToken = (text: string) =>
  text !== '' && [...text].every((char) => tokenChars.includes(char));
const isValue = (text: string) =>
  [...text].every((char) => char === '\t' || (char >= ' ' && char !== '\x7f'));

/** @param upstreamHost the upstream's `host:port` */
export function toExpected(asked: Asked, upstreamHost: string): Expected {
  const headers = toEventHeaders(asked);
  const body = readBody(asked.body);
  const path = toPathLine(asked.path === '' ? '/' : asked.path);
  const refusals = [
    ...(isWellFormed(asked, path) && body !== undefined ? [] : ['MALFORMED_REQUEST']),
    ...(isUnsafe(path) ? ['UNSAFE_PATH'] : []),
  ];
  if (body === undefined || refusals.length > 0) return { kind: 'problem', codes: refusals };

  const method = asked.method.toUpperCase();
  const host = (headers['host'] ?? 'proxy.example').toLowerCase();
  const found = findRule(method, host, path);
  if (!('rule' in found)) return toNoRule(found);
  const { rule, rest } = found;
  if (!rule.base) return { kind: 'problem', codes: ['NO_UPSTREAM'] };
  const sentPath = rest === undefined ? rule.base.path : joinPath(rule.base.path, rest);
  const codes = toUpstreamRefusals(rule, body, sentPath);
  if (codes.length > 0) return { kind: 'problem', codes };
  return {
    kind: 'arrives',
    rule,
    method,
    target: [sentPath, toSentQuery(rule.base.query, asked.query)].filter(Boolean).join('?'),
    headers: toExpectedHeaders(headers, { asked, rule, body, upstreamHost, method, host }),
    body,
  };
}

function toNoRule(allowed: readonly string[]): Expected {
  if (allowed.length === 0) return { kind: 'problem', codes: ['NO_ROUTE'] };
  return { kind: 'problem', codes: ['METHOD_NOT_ALLOWED'], allow: allowed.join(', ') };
}

function toUpstreamRefusals({ maxBodyBytes }: Rule, body: Buffer, sentPath: string): string[] {
  return [
    ...(body.length > (maxBodyBytes ?? 6 * 1024 * 1024) ? ['BODY_TOO_LARGE'] : []),
    // A partial prefix takes a segment apart: what was part of a name may be dots now.
    ...(isUnsafe(sentPath) ? ['UNSAFE_PATH'] : []),
  ];
}

function toSentQuery(fixed: string, asked: string): string {
  return [toQueryLine(fixed), withoutPresigned(toQueryLine(asked))].filter(Boolean).join('&');
}

function isWellFormed(asked: Asked, path: string): boolean {
  const headers = Object.entries(toEventHeaders(asked));
  const hasCookie = headers.some(([name]) => name === 'cookie');
  return (
    isToken(asked.method) &&
    path.startsWith('/') &&
    headers.every(([name, value]) => isToken(name) && isValue(value)) &&
    (hasCookie || (asked.cookies ?? []).every(isValue))
  );
}

/** @returns undefined for what is called base64 and is not (RFC 4648 §4: whole groups, padded, no other character) */
function readBody(body: Asked['body']): Buffer | undefined {
  switch (body.kind) {
    case 'none':
      return Buffer.alloc(0);
    case 'bytes':
      return body.bytes;
    case 'text':
      return Buffer.from(new TextEncoder().encode(body.text));
    case 'base64': {
      const isWhole = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
        body.text,
      );
      return isWhole ? Buffer.from(body.text, 'base64') : undefined;
    }
  }
}

/** One slash between base and rest; the rest's own first one counts as that. */
function joinPath(base: string, rest: string): string {
  const front = base.endsWith('/') ? base.slice(0, -1) : base;
  const joined = rest.startsWith('/') ? front + rest : `${front}/${rest}`;
  if (front !== '') return joined;
  // URL parsers take what follows `//` or `/\` for a host.
  const rooted = `/${joined.replace(/^[/]+/, '')}`;
  return rooted.startsWith('/\\') ? `/%5C${rooted.slice(2)}` : rooted;
}

/** A complete set of presigned-URL parameters goes, whatever the spelling of its names. */
function withoutPresigned(query: string): string {
  const parts = query.split('&').map((part) => {
    const name = decode(part.slice(0, [...part, '='].indexOf('='))).toLowerCase();
    return { part, name: name.startsWith('x-amz-') ? name.slice('x-amz-'.length) : '' };
  });
  const complete = ['algorithm', 'credential', 'date', 'signedheaders', 'signature'];
  const all = [...complete, 'expires', 'security-token'];
  if (!complete.every((name) => parts.some((each) => each.name === name))) return query;
  return parts
    .filter(({ name }) => !all.includes(name))
    .map(({ part }) => part)
    .join('&');
}
