/** The routes that requests are thrown at, in the order in which DESIGN.md §2 tries them, and a matcher by that page. */
import { Finding } from './finding.ts';

export interface Rule {
  readonly id: string;
  /** Exact, `*.` wildcard, or none. */
  readonly host?: string;
  readonly uri: string;
  readonly methods?: readonly string[];
  /** Path and query of `function_uri`; undefined for a route without an upstream. */
  readonly base?: { readonly path: string; readonly query: string };
  readonly maxBodyBytes?: number;
  readonly isSigned: boolean;
  /** Header that carries the client's `Authorization`; `''` for none. */
  readonly forwardAs: string;
  readonly hasApiKey?: boolean;
}

const signed = { isSigned: true, forwardAs: 'x-original-authorization' } as const;
const at = (path: string, query = '') => ({ base: { path, query } });

/** Exact host, wildcard host, none; then the longest literal path; exact before prefix. */
export const rules: readonly Rule[] = [
  { id: 'host', host: 'www.wild.example', uri: '/*', ...signed, ...at('/host') },
  { id: 'wild', host: '*.wild.example', uri: '/*', ...signed, ...at('/wild/', 'w') },
  { id: 'get', uri: '/only-get/*', methods: ['GET', 'OPTIONS'], ...signed, ...at('/get') },
  { id: 'plain', uri: '/plain/*', ...signed, isSigned: false, ...at('/plain-base') },
  { id: 'as-is', uri: '/as-is/*', isSigned: false, forwardAs: 'authorization', ...at('/as-is') },
  { id: 'renamed', uri: '/renamed/*', isSigned: true, forwardAs: 'x-client-auth', ...at('/r') },
  { id: 'dropped', uri: '/dropped/*', isSigned: true, forwardAs: '', ...at('/d') },
  { id: 'admin', uri: '/admin/*', ...signed, ...at('/admin-checked') },
  { id: 'small', uri: '/small/*', ...signed, ...at('/small', 'a=1'), maxBodyBytes: 100 },
  { id: 'keyed', uri: '/keyed/*', ...signed, hasApiKey: true, ...at('/keyed') },
  { id: 'user', uri: '/users/:id', ...signed, ...at('/user-by-id', 'x=%20+&y') },
  { id: 'exact', uri: '/exact', ...signed, ...at('/exact-target') },
  { id: 'aws', uri: '/aws/*', ...signed, ...at('/stage%20one/b', 'fixed=a%20b&flag') },
  { id: 'bare', uri: '/bare', ...signed },
  { id: 'partial', uri: '/pre*', ...signed, ...at('/p/q') },
];

/** @returns the rules as route documents */
export function toDocuments(upstreamUrl: string): Record<string, unknown> {
  return Object.fromEntries(rules.map((rule) => [rule.id, toDocument(rule, upstreamUrl)]));
}

function toDocument(rule: Rule, upstreamUrl: string): unknown {
  const { host, uri, methods, base, maxBodyBytes } = rule;
  const plugin = base && {
    function_uri: `${upstreamUrl}${base.path}${base.query && `?${base.query}`}`,
    authorization: {
      ...(rule.isSigned ? { iam: {} } : {}),
      ...(rule.hasApiKey ? { apikey: '$secret://ssm/api-key' } : {}),
      forward_as: rule.forwardAs,
    },
    timeout: 10_000,
    ...(maxBodyBytes === undefined ? {} : { max_req_body_size: maxBodyBytes }),
  };
  return {
    uri,
    ...(host === undefined ? {} : { host }),
    ...(methods === undefined ? {} : { methods }),
    plugins: plugin ? { 'aws-lambda': plugin } : {},
  };
}

export interface Found {
  readonly rule: Rule;
  /** What a prefix route's `*` stands for, as it travels. */
  readonly rest: string | undefined;
}

/** @returns the rule that takes the request, or the methods that the path's rules take (none: no such path) */
export function findRule(method: string, host: string, path: string): Found | readonly string[] {
  const allowed = new Set<string>();
  const name = host.replace(/:[0-9]+$/, '').replace(/\.$/, '');
  for (const rule of rules) {
    if (!isHostOf(rule, name)) continue;
    const rest = takeUri(rule.uri, path);
    if (rest === false) continue;
    if (!rule.methods || rule.methods.includes(method)) return { rule, rest };
    for (const each of rule.methods) allowed.add(each);
  }
  return [...allowed].sort();
}

function isHostOf({ host }: Rule, name: string): boolean {
  if (host === undefined) return true;
  return host.startsWith('*')
    ? name.endsWith(host.slice(1)) && name !== host.slice(1)
    : name === host;
}

interface Unit {
  /** As it travels. */
  readonly raw: string;
  /** As it is compared. */
  readonly read: string;
}

/** Percent-encoded visible ASCII stands for itself, but `/`, `\` and `%` do not; a run of slashes is one. */
function toUnits(path: string): Unit[] {
  const units: Unit[] = [];
  for (let index = 0; index < path.length; ) {
    const hex = /^%([0-9a-fA-F]{2})/.exec(path.slice(index, index + 3))?.[1];
    const raw = hex === undefined ? (path[index] as string) : `%${hex}`;
    index += raw.length;
    const previous = units.at(-1);
    if (raw === '/' && previous?.read === '/') {
      units[units.length - 1] = { raw: `${previous.raw}/`, read: '/' };
    } else units.push({ raw, read: hex === undefined ? raw : readTriplet(hex) });
  }
  return units;
}

function readTriplet(hex: string): string {
  const char = String.fromCharCode(Number.parseInt(hex, 16));
  return char > ' ' && char < '\x7f' && !'/\\%'.includes(char) ? char : `%${hex.toUpperCase()}`;
}

/** @returns the rest behind a prefix, undefined for a path that fits as a whole, false for one that does not */
function takeUri(uri: string, path: string): string | undefined | false {
  const units = toUnits(path);
  const read = units.map((unit) => unit.read);
  if (!uri.endsWith('*')) {
    const pattern = uri.split('/');
    const segments = read.join('').split('/');
    if (segments.length !== pattern.length) return false;
    const isFit = pattern.every((part, index) =>
      part.startsWith(':') ? segments[index] !== '' : part === segments[index],
    );
    return isFit ? undefined : false;
  }
  const prefix = uri.slice(0, -1);
  if (!read.join('').startsWith(prefix)) return false;
  let length = 0;
  let taken = 0;
  while (length < prefix.length) length += (read[taken++] as string).length;
  if (length !== prefix.length) throw new Finding('a prefix ends inside a unit', { uri, path });
  // Of a run of slashes the prefix takes one; the others are the client's.
  const last = units[taken - 1] as Unit;
  const left = last.read === '/' ? last.raw.slice(1) : '';
  return (
    left +
    units
      .slice(taken)
      .map(({ raw }) => raw)
      .join('')
  );
}
